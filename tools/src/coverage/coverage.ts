import type { ServedCall } from '@strata/simulator';
import type { AdapterCall } from './adapter-calls.ts';
import type { CloudOperation } from './cloud-operation.ts';
import type { Command } from './described-commands.ts';
import { isMadeBy, isServedBy } from './matching.ts';

/** What is found in the workspace, against which the list is held. */
export interface Found {
  /** By operationId. */
  readonly commands: ReadonlyMap<string, Command>;
  readonly made: readonly AdapterCall[];
  readonly served: readonly ServedCall[];
}

/** One row: the operation with what was found for it. */
export interface Coverage {
  readonly operation: CloudOperation;
  /** The files of the adapters that make the call. */
  readonly files: readonly string[];
  readonly isServed: boolean;
}

export const coverageOf = (operation: CloudOperation, { made, served }: Found): Coverage => ({
  operation,
  files: [...new Set(made.filter((call) => isMadeBy(operation, call)).map(({ file }) => file))],
  isServed: served.some((call) => isServedBy(operation, call)),
});

/**
 * Commands without a call of their own. Some answer for what others began, and reach the cloud as the command that they are
 * about; a disk that is accepted stays where it is in the cloud.
 */
const withoutCalls = ['cancelOperation', 'undeleteDisk', 'acceptTransfer'];

/** What keeps a row from being true: to be read after its number and title. */
export const faultsOf = ({ operation: { strata }, files }: Coverage, { commands }: Found): readonly string[] => {
  switch (strata.kind) {
    case 'offered':
      return [
        ...(strata.commands.length === 0 ? ['is offered, but no command leads to it'] : []),
        ...strata.commands.filter((id) => !commands.has(id)).map((id) => `is offered by ${id}, which the API lacks`),
        ...(files.length === 0 ? ['is offered, but no adapter makes the call'] : []),
        ...(strata.tests.length === 0 ? ['is offered, but no test is named'] : []),
      ];
    case 'not-yet':
      return [
        ...(strata.waitsFor.trim() === '' ? ['is not yet offered, and nobody says what it waits for'] : []),
        ...(files.length > 0 && strata.tests.length === 0
          ? [`is made by ${files.join(', ')}: name its test, and the commands if they are there`]
          : []),
      ];
    case 'not-offered':
      return [
        ...(strata.because.trim() === '' ? ['is not offered, and nobody says why'] : []),
        ...(files.length > 0 ? [`is not offered, but ${files.join(', ')} makes the call`] : []),
      ];
  }
};

/** Calls of the adapters that stand on no row, and those whose source cannot be read. */
export const unlistedCalls = (operations: readonly CloudOperation[], { made }: Found): readonly string[] =>
  made
    .filter((call) => !operations.some((operation) => isMadeBy(operation, call)))
    .map(({ file, method, path }) => `${file}: ${method} ${path ?? '(a path that is not written as text)'}`);

/** Commands that a worker carries out and that no row names. */
export const unlistedCommands = (operations: readonly CloudOperation[], { commands }: Found): readonly string[] => {
  const listed = operations.flatMap(({ strata }) => (strata.kind === 'offered' ? strata.commands : []));
  return [...commands]
    .filter(([id, { isCarriedOut }]) => isCarriedOut && !listed.includes(id) && !withoutCalls.includes(id))
    .map(([id]) => id);
};
