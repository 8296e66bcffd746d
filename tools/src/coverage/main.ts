import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findInWorkspace } from './find.ts';
import { chapters } from './operations/index.ts';
import { pageOf } from './page.ts';

/** `npm run coverage:docs`: writes docs/coverage.md from what was built. */
const root = join(import.meta.dirname, '../../..');
writeFileSync(join(root, 'docs/coverage.md'), pageOf(chapters, await findInWorkspace(root)));
