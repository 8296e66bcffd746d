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
    '## Requests to a cloud in embedded mode',
    '',
    '`npm start` sets `STRATA_CLOUD_REQUESTS_PER_SECOND` to 5000 unless it is set: its simulator bears more than a cloud. It holds for',
    'every binding: set it to what the cloud grants where one leads to a cloud.',
    '',
    '## The secret of a binding',
    '',
    'JSON, in `STRATA_CREDENTIALS_<REF>` or in the file `<ref>` of `STRATA_SECRETS_DIR`. It is read anew at least every 30 s while the',
    'binding is used, so that it can be renewed without a restart, temporary keys too. It is one of',
    '',
    '| Secret | For | Meaning |',
    '|---|---|---|',
    '| `{"domain", "user", "password"}` | `evs`, `openstack` | A user, who logs in and gets a token for the cloud project. |',
    '| `{"accessKey", "secretKey"}` | `evs` | Access keys (AK/SK): every request is signed, nobody logs in. |',
    '| `{"accessKey", "secretKey", "securityToken"}` | `evs` | Temporary access keys, until they end. |',
    '',
    'Keys sign in the form that current client libraries use; `"signature": "scoped"` beside them chooses the older one, for gateways that',
    'know no other. Signatures hold for 15 minutes: a worker whose clock is off is turned away once, then dates them by the clock of the cloud.',
    'Keys, or a password, that do not work are left alone for 1 to 15 minutes.',
    '',
  ].join('\n');
