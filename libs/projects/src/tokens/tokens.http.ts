import { Controller } from '@nestjs/common';
import { EventStore, People, QuotaLedger } from '@strata/event-store';
import {
  asOfQuery,
  created,
  Cursors,
  invalidRequest,
  noContent,
  ok,
  pageOf,
  problem,
  route,
  type InputOf,
} from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId, TokenId } from '@strata/kernel';
import { z } from 'zod';
import { answered, Verdict, type Accepted } from '../execute/answered.js';
import { asAccepted } from '../execute/as-accepted.js';
import { authorise, sightOf } from '../execute/grants.js';
import { refusalsOfProjects } from '../project.problems.js';
import { Name, projectStream } from '../project.resource.js';
import { Role } from '../project/index.js';
import { readUpTo } from '../reading/current.js';
import { insideTheLog } from '../reading/read-page.js';
import { openPageIn, projectThen } from '../reading/require-project.js';
import { issueToken, revokeToken } from './issue-token.js';
import { renameToken } from './rename-token.js';
import { pageOfTokens, tokenQuery } from './token-page.js';
import { readTokens, TokenResource } from './token.resource.js';

const common = { tag: 'tokens', access: 'authenticated' } as const;
const ofProject = z.strictObject({ projectId: ProjectId });
const ofToken = z.strictObject({ projectId: ProjectId, tokenId: TokenId });

const issue = route({
  ...common,
  method: 'POST',
  path: '/v1/projects/:projectId/tokens',
  operationId: 'issueToken',
  versioned: true,
  summary: 'Issue a service token',
  description: 'The answer shows `token` once; a repetition under the same key does not.',
  params: ofProject,
  body: z.strictObject({ name: Name, role: Role, expiresAt: z.iso.datetime({ offset: true }).nullable().optional() }),
  answers: { 201: TokenResource.extend({ token: z.string().optional() }), 200: Verdict },
  problems: ['too-many-tokens', 'token-not-for-this-project', 'version-conflict', 'concurrent-change'],
});

const list = route({
  ...common,
  method: 'GET',
  path: '/v1/projects/:projectId/tokens',
  operationId: 'listTokens',
  summary: 'The tokens of a project, without secrets',
  params: ofProject,
  query: tokenQuery,
  answers: { 200: pageOf(TokenResource) },
});

const get = route({
  ...common,
  method: 'GET',
  path: '/v1/projects/:projectId/tokens/:tokenId',
  operationId: 'getToken',
  versioned: 'for-writes',
  summary: 'One token, without its secret',
  params: ofToken,
  query: asOfQuery,
  answers: { 200: TokenResource },
});

const change = route({
  ...common,
  method: 'PATCH',
  path: '/v1/projects/:projectId/tokens/:tokenId',
  operationId: 'changeToken',
  versioned: true,
  summary: 'Rename a token',
  description: 'What it may do stays: for another role or another end issue another token.',
  params: ofToken,
  body: z.strictObject({ name: Name.optional() }),
  answers: { 200: z.union([TokenResource, Verdict]) },
  problems: ['version-conflict', 'concurrent-change'],
});

const revoke = route({
  ...common,
  method: 'DELETE',
  path: '/v1/projects/:projectId/tokens/:tokenId',
  operationId: 'revokeToken',
  summary: 'Revoke a token',
  description: 'Everywhere within 60 seconds, open event streams included.',
  params: ofToken,
  answers: { 204: null, 200: Verdict },
  problems: ['version-conflict', 'concurrent-change'],
});

@Controller()
export class TokensController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly people: People,
    private readonly cursors: Cursors,
  ) {}

  @Route(issue)
  async issue(@Input() input: InputOf<typeof issue>) {
    const { store, ledger, people } = this;
    const { projectId } = input.params;
    const { name, role } = input.body;
    const expiresAt = writable(input.body.expiresAt);
    const { executed, token } = await issueToken({ store, ledger, people }, input, {
      projectId,
      name,
      role,
      expiresAt,
    });
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { found, options } = await this.shown(input, accepted);
      const { replayed } = accepted;
      return created(`/v1/projects/${projectId}/tokens/${found.id}`, replayed ? found : { ...found, token }, options);
    });
  }

  @Route(list)
  async list(@Input() input: InputOf<typeof list>) {
    const { store, cursors } = this;
    await insideTheLog(store, input.minPosition);
    const { page, asOf } = await openPageIn({ store, cursors }, input.params.projectId, input);
    const { tokens, position } = await this.tokens(input, asOf);
    const { shown, next } = pageOfTokens(tokens, page);
    const nextCursor = next === undefined ? null : cursors.next(input, page, [next], asOf);
    return ok({ items: shown, nextCursor }, { position });
  }

  @Route(get)
  async get(@Input() input: InputOf<typeof get>) {
    const { tokens, version, position } = await this.tokens(input, await readUpTo(this.store, input));
    const found = tokens.find(({ id }) => id === input.params.tokenId);
    if (!found) throw problem('not-found');
    // Its name is in no event: the tag says nothing of it.
    return ok(found, { etag: version, neverUnchanged: true, position });
  }

  @Route(change)
  async change(@Input() input: InputOf<typeof change>) {
    const { store, ledger, people } = this;
    const executed = await renameToken({ store, ledger, people }, input, { ...input.params, name: input.body.name });
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { found, options } = await this.shown(input, accepted);
      return ok(found, options);
    });
  }

  @Route(revoke)
  async revoke(@Input() input: InputOf<typeof revoke>) {
    const { store, ledger } = this;
    const { projectId, tokenId } = input.params;
    const executed = await revokeToken({ store, ledger }, input, projectId, tokenId);
    return answered(executed, refusalsOfProjects, ({ position, replayed }) => noContent({ position, replayed }));
  }

  /** Who has tokens is the affair of those who may issue them. */
  private async tokens({ caller, params }: InputOf<typeof list | typeof get>, upTo: number | undefined) {
    const { projectId } = params;
    const loaded = await this.store.load({
      sight: sightOf(caller),
      projectId,
      streams: [projectStream(projectId)],
      upTo,
    });
    const forbidden = authorise(caller, 'admin', projectId, projectThen(loaded));
    if (forbidden) {
      const { type, ...facts } = forbidden;
      throw problem(type, facts);
    }
    const [stream] = loaded.streams;
    const tokens = await readTokens(this.people, projectId, stream);
    return { tokens, version: stream?.version, position: upTo ?? loaded.head };
  }

  /** The token of an accepted command as it is now, or was then, for the answer's body and headers. */
  private async shown({ caller }: InputOf<typeof issue | typeof change>, accepted: Accepted) {
    const { answer, position, replayed } = accepted;
    const { projectId, tokenId } = ofToken.parse(answer);
    const from = { sight: sightOf(caller), stream: projectStream(projectId) };
    return asAccepted(this.store, from, accepted, async (stream) => {
      const found = (await readTokens(this.people, projectId, stream)).find(({ id }) => id === tokenId);
      return found && { found, options: { etag: stream?.version, position, replayed } };
    });
  }
}

/** Later years cannot be written as RFC 3339. */
const latestExpiry = Date.UTC(9999, 11, 31);

const writable = (expiresAt: string | null | undefined): string | null => {
  if (!expiresAt) return null;
  const time = new Date(expiresAt);
  if (time.getTime() > latestExpiry) {
    throw invalidRequest({ pointer: '/expiresAt', detail: 'must lie before the year 10000' });
  }
  return time.toISOString();
};
