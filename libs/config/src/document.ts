import { catalogue } from './catalogue.js';
import type { Variable } from './variable.js';

const row = ([name, { meaning, unit, default: value, secret }]: readonly [string, Variable]): string =>
  `| \`${name}\`${secret ? ' (secret)' : ''} | ${value === undefined ? '–' : `\`${value}\``} | ${unit ?? ''} | ${meaning} |`;

/** `docs/configuration.md`, in Markdown. */
export const configurationDocument = (): string =>
  [
    '# Configuration',
    '',
    'Made from `libs/config/src/catalogue.ts`; a test keeps the two equal (`vitest run -u` in `libs/config` writes this file).',
    '',
    'Settings are environment variables, read and checked once at boot: every fault is named at once, with its variable and',
    'its rule, never with the value of a secret. A variable set to nothing counts as absent. A variable whose name begins',
    'with `STRATA_` and that is not listed here stops the boot.',
    '',
    '| Variable | Default | Unit | Meaning |',
    '|---|---|---|---|',
    ...Object.entries(catalogue).map(row),
    '| `STRATA_CREDENTIALS_<REF>` (secret) | – | | The secret that a binding names as `credentials: { ref }`: the reference in capitals, dashes as underscores. |',
    '',
  ].join('\n');
