import pg from 'pg';
import { survivingLostConnections } from '../postgres/follower-transaction.js';

/** Connections that may be killed on purpose. */
export const openPool = (connectionString: string, max: number): pg.Pool =>
  survivingLostConnections(new pg.Pool({ connectionString, max }));

/** Both roles that a test of followers needs: one that may do everything, and the one that followers have. */
export interface TwoRoles {
  readonly admin: pg.Pool;
  readonly worker: pg.Pool;
  close(): Promise<void>;
}

/** `max`: the most connections of each. */
export const openTwoRoles = (
  urls: { readonly admin: string; readonly worker: string },
  max: { readonly admin: number; readonly worker: number },
): TwoRoles => {
  const [admin, worker] = [openPool(urls.admin, max.admin), openPool(urls.worker, max.worker)];
  const close = async (): Promise<void> => {
    await Promise.all([admin.end(), worker.end()]);
  };
  return { admin, worker, close };
};
