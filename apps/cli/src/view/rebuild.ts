import type { Projection } from '@strata/event-store';
import {
  rebuildView,
  removeGeneration,
  type Rebuilt,
  type RebuildOptions,
  type RowDifference,
  switchView,
} from '@strata/event-store/postgres';
import type { Invocation } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode } from '../call/exit-code.js';
import { unusable } from '../call/fault.js';
import { counted, say } from '../call/terminal.js';
import { types, views } from './known-views.js';

const viewCalled = (name: string | undefined): Projection => {
  const found = views.find((view) => view.name === name);
  if (found) return found;
  throw unusable(`there is no view "${name}"; there are ${views.map((view) => view.name).join(', ')}`);
};

const where = ({ key, validFrom }: RowDifference): string => `row ${key} from position ${validFrom}`;

const lineOf = (found: RowDifference): string => {
  switch (found.difference) {
    case 'only-live':
      return `${where(found)}: only in the live view`;
    case 'only-rebuilt':
      return `${where(found)}: only in the rebuilt view`;
    case 'changed':
      return `${where(found)}: other ${found.columns.join(', ')}`;
  }
};

const report = ({ view, position, differences }: Rebuilt, { out }: Invocation['terminal']): void => {
  const { compared, different, first } = differences;
  for (const found of first) say(out, lineOf(found));
  if (different > first.length) say(out, `… and ${different - first.length} more`);
  const outcome = different === 0 ? 'no difference' : counted(different, 'difference');
  say(out, `${view}: ${outcome} in ${counted(compared, 'row version')} at position ${position}`);
};

/** What is not in use afterwards is removed: the new generation, or after a switch the old one. */
export const rebuild = async (invocation: Invocation) => {
  const { options, operands, terminal, signal } = invocation;
  const projection = viewCalled(operands[0]);
  return withDatabase(invocation, async (pool) => {
    const settings: RebuildOptions = { pool, types, projection, signal };
    const rebuilt = await rebuildView(settings);
    report(rebuilt, terminal);
    if (options['switch'] === true) {
      await switchView(settings, rebuilt);
      say(terminal.out, `${projection.name}: generation ${rebuilt.generation} is in use`);
      await removeGeneration(pool, projection, rebuilt.live);
      return exitCode.ok;
    }
    await removeGeneration(pool, projection, rebuilt.generation);
    return rebuilt.differences.different === 0 ? exitCode.ok : exitCode.found;
  });
};
