import { servedCalls } from '@strata/simulator';
import { adapterCalls } from './adapter-calls.ts';
import type { Found } from './coverage.ts';
import { describedCommands } from './described-commands.ts';

/** Starts an api to ask it for its description; takes some seconds. */
export const findInWorkspace = async (root: string): Promise<Found> => ({
  commands: await describedCommands(),
  made: adapterCalls(root),
  served: servedCalls(),
});
