/** Who actors are. The only place for it, so that it can be erased; events carry opaque ids only. */
export abstract class People {
  abstract names(actorIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  abstract remember(actorId: string, name: string): Promise<void>;
  /** From then on the id stands for nobody. */
  abstract forget(actorId: string): Promise<void>;
}
