import type { Command } from './command.js';
import { migrateCommand } from './migrate.js';
import { quotaVerify } from './quota-verify.js';
import { viewRebuild } from './view-rebuild.js';

export const commands: readonly Command[] = [quotaVerify, viewRebuild, migrateCommand];
