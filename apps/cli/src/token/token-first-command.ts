import type { Command } from '../call/command.js';

export const tokenFirst: Command = {
  name: 'token first',
  options: { name: { type: 'string' } },
  summary: 'Issue a token of a platform-admin: how the first caller of a new installation comes in',
  help: [['--name <text>', 'Who will use it; else "platform admin"']],
  // The features behind it are read by this command only.
  run: async (invocation) => (await import('./token-first.js')).issue(invocation),
};
