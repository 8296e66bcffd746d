import { randomUUID } from 'node:crypto';
import type { CloudFault, OpenstackAccess } from '../disk-cloud.js';
import { ownFault } from '../wire/outcome.js';
import { HttpExchange, type Exchange } from '../wire/http-exchange.js';
import { IamToken } from '../evs/iam-token.js';
import { Secrets } from '../wire/secrets.js';
import { segment, ServiceClient, serviceDefaults, type ServiceOptions } from '../wire/service-client.js';
import { addressesOf, type OpenstackService } from './service-catalogue.js';
import { judgeOpenstack } from './openstack.faults.js';

export { segment };
export type OpenstackOptions = ServiceOptions;

/** A call of the Block Storage API v3, or of the Image API v2. */
export interface OpenstackCall {
  /** `cinder` unless told otherwise. */
  readonly service?: OpenstackService;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After the project, and with Glance after the version: `/volumes`, `/images`. Ids in it are encoded already (`segment`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** `3.42`; without it the service answers as 3.0 does. */
  readonly microversion?: string;
}

/** One cloud project of an OpenStack cloud: token from Keystone, calls to Cinder and Glance. Knows no resource. */
export class OpenstackClient extends ServiceClient<OpenstackCall> {
  readonly projectId: string;
  readonly #secrets: Secrets;
  readonly #missing: (service: OpenstackService) => Promise<CloudFault | null>;

  constructor(access: OpenstackAccess, options: Partial<OpenstackOptions> = {}) {
    const all = { ...serviceDefaults, ...options };
    const http = new HttpExchange(all);
    const secrets = new Secrets(access.credentials.password);
    const token = new IamToken(access, tokensOf(access), http, secrets, all);
    const addressOf = addressesOf(access);
    super(
      {
        requestOf: requestsTo(access, addressOf),
        judge: (exchange: Exchange) => judgeOpenstack(exchange, secrets),
        endpointOf: ({ service = 'cinder' }) => access.endpoints[service],
        neighbourOf: ({ service = 'cinder' }) => neighbourOf(service),
      },
      http,
      token,
      all,
    );
    this.projectId = access.cloudProjectId;
    this.#secrets = secrets;
    this.#missing = async (service) => {
      const login = await token.current(neighbourOf(service));
      return login.ok && addressOf(service, login.login) === null ? noAddress(service, access.region) : null;
    };
  }

  /** Texts of the cloud or of the user that go into a fault pass through here. */
  clean(text: string): string {
    return this.#secrets.clean(text);
  }

  /** Why a service cannot be asked; null where it can, and where nobody can log in to find out. */
  missing(service: OpenstackService): Promise<CloudFault | null> {
    return this.#missing(service);
  }
}

const neighbourOf = (service: OpenstackService): string | undefined => (service === 'cinder' ? undefined : service);

const tokensOf = ({ endpoints: { keystone } }: OpenstackAccess): URL => {
  if (keystone === undefined) throw new TypeError('the access names no endpoint for keystone');
  return new URL(`${keystone.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`);
};

const requestsTo =
  (access: OpenstackAccess, addressOf: ReturnType<typeof addressesOf>) =>
  (call: OpenstackCall, login: { readonly token: string; readonly login: unknown }) => {
    const { service = 'cinder', method, path, query = {}, body, microversion } = call;
    const base = addressOf(service, login.login);
    if (base === null) return noAddress(service, access.region);
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = {
      'x-auth-token': login.token,
      accept: 'application/json',
      // The service writes it into its log beside its own id, so that both sides can be read together.
      'x-openstack-request-id': `req-${randomUUID()}`,
      ...(microversion !== undefined && { 'openstack-api-version': `volume ${microversion}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return { method, url, headers, body: body === undefined ? null : JSON.stringify(body) };
  };

const provided = { cinder: 'block storage', glance: 'images' } as const;

const noAddress = (service: OpenstackService, region: string): CloudFault =>
  ownFault(
    `no-${service}-endpoint`,
    `the service catalogue names no public ${provided[service]} in region ${region}, and neither does the binding`,
  );
