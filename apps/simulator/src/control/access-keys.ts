import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import type { AccessKey } from '../world/access-key.js';
import { iamTime } from '../world/times.js';
import { BadSwitch, parse } from './read-switch.js';

const AccessKeyName = z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'must be 1 to 64 letters and digits');

const AccessKeyBody = z.strictObject({
  secretKey: z.string().min(1).max(128).optional(),
  /** Makes the key temporary; null makes it permanent again. */
  securityToken: z.string().min(1).max(8_192).nullable().optional(),
  /** By the simulator's clock; null for a key without an end. */
  expiresInMs: z.int().min(0).nullable().optional(),
  active: z.boolean().optional(),
});

/** Makes and changes the access keys of the user. Shown without what is secret about them. */
export const accessKeySwitches = (app: FastifyInstance, { world }: Cloud): void => {
  app.get('/_simulator/access-keys', () => {
    world.settle();
    return { accessKeys: [...world.accessKeys.values()].map(accessKeyView) };
  });
  app.put<{ Params: { accessKey: string } }>('/_simulator/access-keys/:accessKey', ({ params, body }) => {
    const accessKey = parse(AccessKeyName, params.accessKey);
    const nowMs = world.settle();
    const key = changed(world.accessKeys.get(accessKey) ?? newKey(accessKey), parse(AccessKeyBody, body ?? {}), nowMs);
    world.commit({ kind: 'access-key', key });
    return accessKeyView(key);
  });
};

const newKey = (accessKey: string): AccessKey => ({
  accessKey,
  secretKey: randomBytes(30).toString('base64url'),
  securityToken: null,
  expiresMs: null,
  active: true,
});

const changed = (key: AccessKey, change: z.infer<typeof AccessKeyBody>, nowMs: number): AccessKey => {
  const { secretKey = key.secretKey, securityToken = key.securityToken, expiresInMs, active = key.active } = change;
  const expiresMs = typeof expiresInMs === 'number' ? nowMs + expiresInMs : key.expiresMs;
  const ends = securityToken !== null && expiresInMs !== null;
  if (!ends && typeof expiresInMs === 'number') throw new BadSwitch('expiresInMs: only a temporary key ends');
  return { ...key, secretKey, securityToken, expiresMs: ends ? expiresMs : null, active };
};

const accessKeyView = ({ accessKey, securityToken, expiresMs, active }: AccessKey) => ({
  accessKey,
  active,
  temporary: securityToken !== null,
  expiresAt: expiresMs === null ? null : iamTime(expiresMs),
});
