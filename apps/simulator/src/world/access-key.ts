import type { SeedAccessKey } from '../options.js';

/** Of the user, for every project that the user may enter; temporary where it comes with a security token. */
export interface AccessKey extends SeedAccessKey {
  readonly securityToken: string | null;
  /** Null: it does not end by itself. */
  readonly expiresMs: number | null;
  readonly active: boolean;
}

/** Keys that are there from the start, where they have not been changed since. */
export const plantAccessKeys = (keys: Map<string, AccessKey>, seeded: readonly SeedAccessKey[]): void => {
  for (const pair of seeded)
    if (!keys.has(pair.accessKey))
      keys.set(pair.accessKey, { ...pair, securityToken: null, expiresMs: null, active: true });
};
