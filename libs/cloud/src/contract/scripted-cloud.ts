import type { EvsAccess, PasswordCredentials } from '../disk-cloud.js';
import {
  startScriptedServer,
  type ReceivedRequest,
  type ScriptedAnswer,
  type ScriptedServer,
} from './scripted-server.js';

export interface ScriptedCloud extends ScriptedServer {
  readonly access: EvsAccess & { readonly credentials: PasswordCredentials };
  /** How many logins were asked for. */
  readonly logins: () => number;
  /** The requests that were no logins. */
  readonly calls: () => readonly ReceivedRequest[];
}

export interface Script {
  /** The nth login, beginning with 1; by default it succeeds with the token `token-<n>` for 24 hours. */
  readonly login?: (nth: number) => ScriptedAnswer;
  /** The nth call, beginning with 1. */
  readonly call?: (request: ReceivedRequest, nth: number) => ScriptedAnswer;
}

export const scriptedPassword = 'correct-horse-battery';

/** IAM and EVS on one port, each saying what the script says. */
export const startScriptedCloud = async ({ login = tokenFor, call = () => ({ status: 200, body: {} }) }: Script) => {
  const isLogin = ({ path }: ReceivedRequest) => path.startsWith('/v3/auth/tokens');
  const server = await startScriptedServer((request, received) =>
    isLogin(request)
      ? login(received.filter(isLogin).length)
      : call(request, received.filter((one) => !isLogin(one)).length),
  );
  const access: ScriptedCloud['access'] = {
    kind: 'evs',
    region: 'eu-de',
    endpoints: { iam: server.url, evs: server.url },
    cloudProjectId: '3f8a1c27d94e4b60a5127c9e0b6d1f42',
    credentials: { domain: 'a-domain', user: 'a-user', password: scriptedPassword },
  };
  return {
    ...server,
    access,
    logins: () => server.requests.filter(isLogin).length,
    calls: () => server.requests.filter((request) => !isLogin(request)),
  } satisfies ScriptedCloud;
};

export const tokenFor = (nth: number, hours = 24): ScriptedAnswer => ({
  status: 201,
  headers: { 'X-Subject-Token': `token-${nth}` },
  body: {
    token: {
      issued_at: '2026-03-02T08:00:00.120000Z',
      expires_at: new Date(Date.parse('2026-03-02T08:00:00.120Z') + hours * 3_600_000).toISOString(),
    },
  },
});
