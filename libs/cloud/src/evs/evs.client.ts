import { CloudSilent, type CloudAccess, type CloudFault } from '../disk-cloud.js';
import { HttpExchange, type Exchange, type HttpRequest } from '../wire/http-exchange.js';
import { Secrets } from '../wire/secrets.js';
import {
  segment,
  ServiceClient,
  serviceDefaults,
  type Answered,
  type Dialect,
  type NotAccepted,
  type Refused,
  type ServiceOptions,
  type WriteWindow,
} from '../wire/service-client.js';
import { AccessKey, AccessKeys } from './access-key.js';
import { judge, ownFault, type Outcome } from './evs.faults.js';
import { IamToken } from './iam-token.js';

export { segment, type Answered, type NotAccepted };
export interface EvsOptions extends ServiceOptions {
  /** The time of day, in ms since 1970, by which signatures are dated. */
  readonly wallClockMs: () => number;
}

/** Disks are attached by the service of the servers, and made of what the service of the images has. */
export type Service = 'evs' | 'ecs' | 'ims';

export interface EvsCall {
  /** `evs` unless told otherwise. */
  readonly service?: Service;
  readonly method: HttpRequest['method'];
  /** Jobs live under `v1`, everything else under `v2` (EVS reference §1.1). */
  readonly version: 'v1' | 'v2';
  /** After the project, which IMS takes from the token alone: `/cloudvolumes`. Ids in it are encoded already (`segment`). */
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
    const all = { ...serviceDefaults, wallClockMs: () => Date.now(), ...options };
    const http = new HttpExchange(all);
    const secrets = new Secrets(...secretsOf(access));
    const bases: Bases = {
      evs: endpointOf(access, 'evs'),
      ...(access.endpoints['ecs'] !== undefined && { ecs: endpointOf(access, 'ecs') }),
      ...(access.endpoints['ims'] !== undefined && { ims: endpointOf(access, 'ims') }),
    };
    const requestOf = (call: EvsCall): Request => ({
      url: urlOf(call, bases, access.cloudProjectId),
      method: call.method,
      headers: headersOf(call),
      body: call.body === undefined ? null : JSON.stringify(call.body),
    });
    const places = { endpointOf: ({ service = 'evs' }: EvsCall) => bases[service], neighbourOf };
    const judged = (exchange: Exchange) => judge(exchange, secrets);
    const { cloudProjectId, credentials } = access;
    if ('password' in credentials) {
      const token = new IamToken({ cloudProjectId, credentials }, tokensOf(access), http, secrets, all);
      super({ ...byToken(requestOf, judged), ...places }, http, token, all);
    } else {
      const keys = new AccessKeys(() => new AccessKey(credentials, cloudProjectId, all));
      super({ ...byKey(requestOf, judged, keys), ...places }, http, keys, all);
    }
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
    const fault = this.missing(service);
    return fault === null ? super.write(call, window) : { outcome: 'refused', reason: 'invalid', fault };
  }

  /** @throws CloudSilent also where the binding names no address (any more) of what is to be asked. */
  override async read(call: EvsCall): Promise<Answered | Refused> {
    const fault = this.missing(call.service ?? 'evs');
    if (fault !== null) throw new CloudSilent(fault, 'unavailable', null);
    return super.read(call);
  }

  /** Why a service cannot be asked; null where the binding names its address. */
  missing(service: Service): CloudFault | null {
    return this.#bases[service] === undefined ? noEndpoint(service) : null;
  }
}

type Request = Omit<HttpRequest, 'timeoutMs' | 'mayStillSend'>;
type RequestOf = (call: EvsCall) => Request;
type Judge = (exchange: Exchange) => Outcome;

const neighbourOf = ({ service = 'evs' }: EvsCall): string | undefined => (service === 'evs' ? undefined : service);

const byToken = (requestOf: RequestOf, judged: Judge): Dialect<EvsCall> => ({
  requestOf: (call, { token }) => {
    const request = requestOf(call);
    return { ...request, headers: { 'x-auth-token': token, ...request.headers } };
  },
  judge: judged,
});

const byKey = (requestOf: RequestOf, judged: Judge, keys: AccessKeys): Dialect<EvsCall> => ({
  requestOf: (call) => keys.at(neighbourOf(call)).sign(requestOf(call)),
  judge: (exchange, call) => {
    keys.at(neighbourOf(call)).hear(exchange);
    return judged(exchange);
  },
});

const secretsOf = ({ credentials }: CloudAccess): readonly string[] =>
  'password' in credentials ? [credentials.password] : [credentials.secretKey, credentials.securityToken ?? ''];

const tokensOf = (access: CloudAccess): URL =>
  new URL(`${endpointOf(access, 'iam').replace(/\/v3$/, '')}/v3/auth/tokens?nocatalog=true`);

const urlOf = ({ service = 'evs', version, path, query = {} }: EvsCall, bases: Bases, project: string): URL => {
  const scope = service === 'ims' ? '' : `/${segment(project)}`;
  const url = new URL(`${bases[service] ?? ''}/${version}${scope}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};

const noEndpoint = (service: Service): CloudFault =>
  ownFault(`no-${service}-endpoint`, `the binding names no endpoint for ${service}: a platform admin can add it`);

const headersOf = (call: EvsCall): Record<string, string> => ({
  accept: 'application/json',
  ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
});

const endpointOf = ({ endpoints }: CloudAccess, service: string): string => {
  const endpoint = endpoints[service];
  if (endpoint === undefined) throw new TypeError(`the access names no endpoint for ${service}`);
  return endpoint.replace(/\/+$/, '');
};
