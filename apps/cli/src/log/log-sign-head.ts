import { signHead } from '@strata/event-store';
import { type Command, textOption } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode } from '../call/exit-code.js';
import { unusable } from '../call/fault.js';
import { signingKeyOf } from './head-keys.js';
import { addHead } from './signed-heads.js';
import { say } from '../call/terminal.js';
import { visibleHead } from './visible-log.js';

/** What the chain alone cannot show: that its tail was cut off. A head that is kept elsewhere shows it. */
export const logSignHead: Command = {
  name: 'log sign-head',
  options: { 'signing-key-file': { type: 'string' }, out: { type: 'string' } },
  summary: 'Sign where the log ends now; keep the line elsewhere, `log verify --heads` holds the log against it',
  help: [
    ['--signing-key-file <file>', 'PEM private key (ed25519), or a secret; else STRATA_HEAD_SIGNING_KEY'],
    ['--out <file>', 'Add the line to a file instead of writing it to the terminal'],
  ],
  run: async (invocation) => {
    const { terminal, signal } = invocation;
    const key = await signingKeyOf(invocation);
    const head = await withDatabase(invocation, (pool) => visibleHead(pool, signal));
    let signed;
    try {
      signed = signHead(head, key, new Date());
    } catch (cause) {
      throw unusable(`the key cannot sign: it must be an ed25519 private key in PEM, or a secret`, { cause });
    }
    const out = textOption(invocation, 'out');
    if (out === undefined) say(terminal.out, JSON.stringify(signed));
    else await addHead(out, signed);
    return exitCode.ok;
  },
};
