import type { Command } from '../call/command.js';

export const viewRebuild: Command = {
  name: 'view rebuild',
  operands: ['view'],
  options: { switch: { type: 'boolean' } },
  summary: 'Make a view anew from the log beside the live one, and compare the two row by row',
  help: [['--switch', 'Take the new one into use, whatever the comparison said']],
  // The features behind the views are read by this command only.
  run: async (invocation) => (await import('./rebuild.js')).rebuild(invocation),
};
