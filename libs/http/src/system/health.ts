export interface Health {
  readonly ok: boolean;
  /** One sentence for whoever operates Strata; never a secret. */
  readonly detail: string;
}

/** Something that must work before traffic is taken. */
export abstract class HealthCheck {
  abstract readonly name: string;
  abstract check(): Promise<Health>;
}
