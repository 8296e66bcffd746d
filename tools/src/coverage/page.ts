import { basename } from 'node:path';
import type { CloudOperation, InStrata, Test } from './cloud-operation.ts';
import { coverageOf, type Coverage, type Found } from './coverage.ts';
import type { Command } from './described-commands.ts';

export interface Chapter {
  readonly title: string;
  readonly operations: readonly CloudOperation[];
}

const head = `# What of the cloud Strata offers

<!-- Written by \`npm run coverage:docs\`. What it says of Strata is found in its sources and its description; the list of
the cloud's operations, and why some are not offered, stands in tools/src/coverage/operations. -->

Each operation of Elastic Volume Service and of the service of images, numbered as in the EVS reference (§1.2, §6), and
what leads to it: the commands of Strata's API, the file of the adapter that makes the call, a test of it. Or why it is
not offered. Of services around it only what disks need is listed; logging in is left out.

- **Simulator**: whether the [simulator](../apps/simulator/README.md) answers the call.
- **not yet**: it is meant to be offered, and what is missing. An adapter that makes the call already is named.
- Calls as in Cinder are also those of the OpenStack adapter ([openstack.md](openstack.md)); its paths begin with the
  project in the same way.
- Twins under \`/v3\` with the same bodies are not listed: Strata speaks \`/v2\`, as the cloud's documents advise.
- The cloud's documents have no recycle bin, no prepaid disks, no test runs (\`dry_run\`) and no quality of service per disk:
  these are operations of its relatives only.
`;

/** `docs/coverage.md`, as prettier leaves it. */
export const pageOf = (chapters: readonly Chapter[], found: Found): string => {
  const all = chapters.flatMap(({ operations }) => operations);
  const tables = chapters.map(({ title, operations }) =>
    [`## ${title}`, '', '<!-- prettier-ignore -->', ...tableOf(operations, found)].join('\n'),
  );
  return `${[head.trimEnd(), sumOf(all), ...tables].join('\n\n')}\n`;
};

const sumOf = (operations: readonly CloudOperation[]): string => {
  const count = (kind: InStrata['kind']) => operations.filter(({ strata }) => strata.kind === kind).length;
  return `${operations.length} operations: ${count('offered')} offered, ${count('not-yet')} not yet, ${count('not-offered')} not to be offered.`;
};

const tableOf = (operations: readonly CloudOperation[], found: Found): readonly string[] => [
  '| # | Operation | Call | Strata | Adapter | Simulator | Test |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...operations.map((operation) => `| ${cellsOf(coverageOf(operation, found), found).join(' | ')} |`),
];

const cellsOf = ({ operation, files, isServed }: Coverage, { commands }: Found): readonly string[] => {
  const { number, title, method, paths, action, strata } = operation;
  const call =
    paths.map((path) => `\`${method} ${path}\``).join(' or ') + (action === undefined ? '' : ` \`${action}\``);
  const tests = strata.kind === 'not-offered' ? [] : strata.tests;
  return [
    number,
    title,
    call,
    toldIn(strata, commands),
    lines(files.map((file) => `[${adapterOf(file)}](../${file})`)),
    isServed ? 'yes' : 'no',
    lines(tests.map(linkTo)),
  ];
};

const toldIn = (strata: InStrata, commands: ReadonlyMap<string, Command>): string => {
  switch (strata.kind) {
    case 'offered':
      return lines([
        ...strata.commands.map((id) => `\`${commands.get(id)?.call ?? id}\``),
        ...(strata.remark === undefined ? [] : [strata.remark]),
      ]);
    case 'not-yet':
      return `not yet: waits for ${strata.waitsFor}`;
    case 'not-offered':
      return `not offered because ${strata.because}`;
  }
};

const lines = (texts: readonly string[]): string => (texts.length === 0 ? '–' : texts.join('<br>'));

/** `evs/create-disk` */
const adapterOf = (file: string): string => `${file.split('/')[3] ?? ''}/${basename(file, '.ts')}`;

/** A title of a table of cases is written with the place of the case. */
const linkTo = ({ file, title }: Test): string => `[${basename(file, '.ts')}](../${file}): “${title}”`;
