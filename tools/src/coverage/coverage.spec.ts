import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { adapterFiles, callsIn } from './adapter-calls.ts';
import { notOffered, notYet, offered, rowsOf, type InStrata } from './cloud-operation.ts';
import { coverageOf, faultsOf, unlistedCalls, unlistedCommands, type Found } from './coverage.ts';
import { findInWorkspace } from './find.ts';
import { allOperations, chapters } from './operations/index.ts';
import { pageOf } from './page.ts';

const root = join(import.meta.dirname, '../../..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

let found: Found;
beforeAll(async () => {
  found = await findInWorkspace(root);
});

describe('the list of the cloud’s operations', () => {
  it('has every number of the reference, and no call twice', () => {
    const numbers = new Set(allOperations.map(({ number }) => number));
    const wanted = [
      ...Array.from({ length: 28 }, (_, index) => `N${index + 1}`),
      ...Array.from({ length: 15 }, (_, index) => `C${index + 1}`),
    ];
    expect([...numbers].sort()).toEqual([...wanted, 'N3b', '§1.6', '§6', '§9'].sort());
    const calls = allOperations.flatMap(({ service, method, paths, action }) =>
      paths.map((path) => [service, method, path, action].join(' ')),
    );
    expect(calls.filter((call, index) => calls.indexOf(call) !== index)).toEqual([]);
  });

  it('has no row that is empty or untrue', () => {
    const faults = allOperations.flatMap((operation) =>
      faultsOf(coverageOf(operation, found), found).map((fault) => `${operation.number} ${operation.title} ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it('knows every call that an adapter makes', () => {
    expect(unlistedCalls(allOperations, found)).toEqual([]);
    expect(found.made.length).toBeGreaterThan(30);
  });

  it('knows every command that is carried out in the cloud', () => {
    expect(unlistedCommands(allOperations, found)).toEqual([]);
  });

  it('names only tests that are there', () => {
    const tests = allOperations.flatMap(({ strata }) => (strata.kind === 'not-offered' ? [] : strata.tests));
    const missing = tests.filter(({ file, title }) => !existsSync(join(root, file)) || !textOf(file).includes(title));
    expect(missing).toEqual([]);
  });
});

describe('a file of the EVS adapter', () => {
  const sources = adapterFiles(root).filter((file) => file.startsWith('libs/cloud/src/evs/'));
  const commentsIn = (text: string) => (text.match(/\/\*\*[^]*?\*\//g) ?? []).join('\n');

  it.each(sources)('names the operations that it calls: %s', (file) => {
    const text = textOf(file);
    const comments = commentsIn(text);
    const called = allOperations
      .filter((operation) => coverageOf(operation, found).files.includes(file))
      .map(({ number }) => number);
    if (/client\.(write|read|readAnswer)\(/.test(text)) expect(called).not.toEqual([]);
    expect([...new Set(called)].filter((number) => !comments.includes(number))).toEqual([]);
    const known = new Set(allOperations.map(({ number }) => number));
    const named = [...comments.matchAll(/\b[NC]\d+b?\b/g)].map(([number]) => number);
    expect(named.filter((number) => !known.has(number))).toEqual([]);
  });
});

describe('docs/coverage.md', () => {
  it('is what `npm run coverage:docs` writes', () => {
    expect(textOf('docs/coverage.md')).toBe(pageOf(chapters, found));
  });
});

describe('a row', () => {
  const row = (strata: InStrata) =>
    rowsOf('evs')('N0', 'Some call', 'POST /v2/{project_id}/volumes/{volume_id}/action os-some', strata);
  const made = callsIn(
    'some.ts',
    "const path = `/volumes/${segment(id)}/action`;\nsend({ method: 'POST', version: 'v2', path, body: { 'os-some': 1 } });",
  );
  const commands = new Map([['doSome', { call: 'POST /v1/some', isCarriedOut: true }]]);
  const all: Found = { commands, made, served: [] };
  const none: Found = { ...all, made: [] };
  const test = { file: 'some.spec.ts', title: 'does some' };
  const faults = (strata: InStrata, around: Found) => faultsOf(coverageOf(row(strata), around), around);

  it.each<[string, InStrata, Found]>([
    ['with command, adapter and test', offered(['doSome'], [test]), all],
    ['not offered, with its reason', notOffered('it is old'), none],
    ['not yet offered, with what it waits for', notYet('time'), none],
    ['not yet offered, though an adapter makes the call', notYet('time', test), all],
  ])('holds %s', (_what, strata, around) => {
    expect(faults(strata, around)).toEqual([]);
  });

  it.each<[string, InStrata, Found, string]>([
    ['no command', offered([], [test]), all, 'is offered, but no command leads to it'],
    ['a command that is not there', offered(['doNone'], [test]), all, 'is offered by doNone, which the API lacks'],
    ['no adapter', offered(['doSome'], [test]), none, 'is offered, but no adapter makes the call'],
    ['no test', offered(['doSome'], []), all, 'is offered, but no test is named'],
    ['no reason', notOffered(' '), none, 'is not offered, and nobody says why'],
    ['a reason that does not hold', notOffered('it is old'), all, 'is not offered, but some.ts makes the call'],
    ['nothing that it waits for', notYet(''), none, 'is not yet offered, and nobody says what it waits for'],
    [
      'an adapter without a test',
      notYet('time'),
      all,
      'is made by some.ts: name its test, and the commands if they are there',
    ],
  ])('fails with %s', (_what, strata, around, fault) => {
    expect(faults(strata, around)).toEqual([fault]);
  });

  it('is missed by a call of an adapter and by a command that have none', () => {
    expect(unlistedCalls([], all)).toEqual(['some.ts: POST /v2/{}/volumes/{}/action']);
    expect(unlistedCommands([], all)).toEqual(['doSome']);
  });

  it('is not taken for another of the same path', () => {
    const other = rowsOf('evs')(
      'N0',
      'Other call',
      'POST /v2/{project_id}/volumes/{volume_id}/action os-other',
      notYet('t'),
    );
    expect(coverageOf(other, all).files).toEqual([]);
    const list = rowsOf('evs')('N0', 'List', 'POST /v2/{project_id}/volumes/detail/action', notYet('t'));
    expect(coverageOf(list, all).files).toEqual([]);
  });
});
