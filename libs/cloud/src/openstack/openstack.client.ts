import { randomUUID } from 'node:crypto';
import { type OpenstackAccess } from '../disk-cloud.js';
import { ownFault } from '../wire/outcome.js';
import { HttpExchange, type Exchange } from '../wire/http-exchange.js';
import { IamToken } from '../evs/iam-token.js';
import { Secrets } from '../wire/secrets.js';
import { segment, ServiceClient, serviceDefaults, type ServiceOptions } from '../wire/service-client.js';
import { cinderOf } from './service-catalogue.js';
import { judgeOpenstack } from './openstack.faults.js';

export { segment };
export type OpenstackOptions = ServiceOptions;

/** A call of the Block Storage API v3. */
export interface CinderCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After the project: `/volumes`. Ids in it are encoded already (`segment`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** `3.42`; without it the service answers as 3.0 does. */
  readonly microversion?: string;
}

/** One cloud project of an OpenStack cloud: token from Keystone, calls to Cinder. Knows no resource. */
export class OpenstackClient extends ServiceClient<CinderCall> {
  readonly projectId: string;
  readonly #secrets: Secrets;

  constructor(access: OpenstackAccess, options: Partial<OpenstackOptions> = {}) {
    const all = { ...serviceDefaults, ...options };
    const http = new HttpExchange(all);
    const secrets = new Secrets(access.credentials.password);
    const token = new IamToken(access, tokensOf(access), http, secrets, all);
    super(
      { requestOf: requestsTo(access), judge: (exchange: Exchange) => judgeOpenstack(exchange, secrets) },
      http,
      token,
      all,
    );
    this.projectId = access.cloudProjectId;
    this.#secrets = secrets;
  }

  /** Texts of the cloud or of the user that go into a fault pass through here. */
  clean(text: string): string {
    return this.#secrets.clean(text);
  }
}

const tokensOf = ({ endpoints: { keystone } }: OpenstackAccess): URL => {
  if (keystone === undefined) throw new TypeError('the access names no endpoint for keystone');
  return new URL(`${keystone.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`);
};

const requestsTo = (access: OpenstackAccess) => {
  const locate = cinderOf(access);
  return ({ method, path, query = {}, body, microversion }: CinderCall, login: { token: string; login: unknown }) => {
    const base = locate(login.login);
    if (base === null) return noBlockStorage(access.region);
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = {
      'x-auth-token': login.token,
      accept: 'application/json',
      // Cinder writes it into its log beside its own id, so that both sides can be read together.
      'x-openstack-request-id': `req-${randomUUID()}`,
      ...(microversion !== undefined && { 'openstack-api-version': `volume ${microversion}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return { method, url, headers, body: body === undefined ? null : JSON.stringify(body) };
  };
};

const noBlockStorage = (region: string) =>
  ownFault(
    'no-cinder-endpoint',
    `the service catalogue names no public block storage in region ${region}, and neither does the binding`,
  );
