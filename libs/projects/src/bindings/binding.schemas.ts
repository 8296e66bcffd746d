import { safeText } from '@strata/kernel';
import { z } from 'zod';
import { RollbackFeature, rollbacksOf } from '../binding/index.js';
import { Name } from '../project.resource.js';

const Word = safeText.max(128).regex(/^[\x21-\x7e]+$/, 'must be 1 to 128 printable ASCII characters without spaces');

/** Credentials belong into the secret that `credentials.ref` names, never into an address. */
const Endpoint = safeText
  .max(2_048)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http or https URL')
  .refine((text) => !URL.canParse(text) || isBare(new URL(text)), 'must have no user, password, query or fragment');

const isBare = ({ username, password, search, hash }: URL) => [username, password, search, hash].every((part) => !part);

/** Without `ecs` no disk can be attached, without `ims` no images are known. */
const EvsEndpoints = z.strictObject({
  iam: Endpoint,
  evs: Endpoint,
  ecs: Endpoint.exactOptional(),
  ims: Endpoint.exactOptional(),
});

/** Where Cinder and Glance are is told by Keystone, unless it is said here. */
const OpenstackEndpoints = z.strictObject({
  keystone: Endpoint,
  cinder: Endpoint.exactOptional(),
  glance: Endpoint.exactOptional(),
});

/** Names a secret; where that is looked up is the worker's configuration. */
const SecretRef = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, dashes or underscores');

const members = {
  name: Name,
  region: Word,
  credentials: z.strictObject({ ref: SecretRef }),
};

export const NewBinding = z.discriminatedUnion('kind', [
  z.strictObject({
    ...{ kind: z.literal('evs'), cloudProjectId: Word, ...members, endpoints: EvsEndpoints },
    features: z.strictObject({ rollback: z.enum(rollbacksOf.evs) }).exactOptional(),
  }),
  z.strictObject({
    ...{ kind: z.literal('openstack'), cloudProjectId: Word, ...members, endpoints: OpenstackEndpoints },
    features: z.strictObject({ rollback: z.enum(rollbacksOf.openstack) }).exactOptional(),
  }),
]);
export type NewBinding = z.infer<typeof NewBinding>;

/** Null removes; those without which no binding of the kind is have to stay. */
const EndpointsChange = z
  .strictObject({ iam: Endpoint, evs: Endpoint, keystone: Endpoint })
  .extend({
    ecs: Endpoint.nullable(),
    ims: Endpoint.nullable(),
    cinder: Endpoint.nullable(),
    glance: Endpoint.nullable(),
  })
  .partial();

/** Kind and cloud project stay: what is there was made by the one in the other. */
export const BindingChange = z
  .strictObject({
    ...members,
    endpoints: EndpointsChange,
    features: z.strictObject({ rollback: RollbackFeature.nullable() }).nullable(),
  })
  .partial();
export type BindingChange = z.infer<typeof BindingChange>;
