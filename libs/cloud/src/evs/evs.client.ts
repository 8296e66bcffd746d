import type { CloudAccess, Sent } from '../disk-cloud.js';
import { HttpExchange, type HttpRequest } from '../wire/http-exchange.js';
import { Secrets } from '../wire/secrets.js';
import {
  segment,
  ServiceClient,
  serviceDefaults,
  type Answered,
  type NotAccepted,
  type ServiceOptions,
  type WriteWindow,
} from '../wire/service-client.js';
import { judge, ownFault } from './evs.faults.js';
import { IamToken } from './iam-token.js';

export { segment, type Answered, type NotAccepted };
export type EvsOptions = ServiceOptions;

/** Disks are attached by the service of the servers. */
export type Service = 'evs' | 'ecs';

export interface EvsCall {
  /** `evs` unless told otherwise. */
  readonly service?: Service;
  readonly method: HttpRequest['method'];
  /** Jobs live under `v1`, everything else under `v2` (EVS reference §1.1). */
  readonly version: 'v1' | 'v2';
  /** After the project: `/cloudvolumes`. Ids in it are encoded already (`segment`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

type Bases = Readonly<Record<'evs', string> & Partial<Record<Service, string>>>;

/** One cloud project over HTTP: its token and its addresses. Knows no resource. */
export class EvsClient extends ServiceClient<EvsCall> {
  /** The cloud project's own id, for the few paths that name it twice. */
  readonly projectId: string;
  readonly #bases: Bases;
  readonly #secrets: Secrets;

  constructor(access: CloudAccess, options: Partial<EvsOptions> = {}) {
    const all = { ...serviceDefaults, ...options };
    const http = new HttpExchange(all);
    const secrets = new Secrets(access.credentials.password);
    const iam = new URL(`${endpointOf(access, 'iam').replace(/\/v3$/, '')}/v3/auth/tokens?nocatalog=true`);
    const bases: Bases = {
      evs: endpointOf(access, 'evs'),
      ...(access.endpoints['ecs'] !== undefined && { ecs: endpointOf(access, 'ecs') }),
    };
    const dialect = {
      requestOf: (call: EvsCall, { token }: { readonly token: string }) => ({
        url: urlOf(call, bases, access.cloudProjectId),
        method: call.method,
        headers: headersOf(call, token),
        body: call.body === undefined ? null : JSON.stringify(call.body),
      }),
      judge: (exchange: Parameters<typeof judge>[0]) => judge(exchange, secrets),
    };
    super(dialect, http, new IamToken(access, iam, http, secrets, all), all);
    this.projectId = access.cloudProjectId;
    this.#bases = bases;
    this.#secrets = secrets;
  }

  /** Texts of the cloud that go into a fault pass through here. */
  clean(text: string): string {
    return this.#secrets.clean(text);
  }

  override async write(call: EvsCall, window: WriteWindow): Promise<Answered | NotAccepted> {
    const { service = 'evs' } = call;
    return this.#bases[service] === undefined ? noEndpoint(service) : super.write(call, window);
  }
}

const urlOf = ({ service = 'evs', version, path, query = {} }: EvsCall, bases: Bases, project: string): URL => {
  const url = new URL(`${bases[service] ?? ''}/${version}/${segment(project)}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};

const noEndpoint = (service: Service): Extract<Sent, { outcome: 'refused' }> => ({
  outcome: 'refused',
  reason: 'invalid',
  fault: ownFault(
    `no-${service}-endpoint`,
    `the binding names no endpoint for ${service}: a platform admin can add it`,
  ),
});

const headersOf = (call: EvsCall, token: string): Record<string, string> => ({
  'x-auth-token': token,
  accept: 'application/json',
  ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
});

const endpointOf = ({ endpoints }: CloudAccess, service: string): string => {
  const endpoint = endpoints[service];
  if (endpoint === undefined) throw new TypeError(`the access names no endpoint for ${service}`);
  return endpoint.replace(/\/+$/, '');
};
