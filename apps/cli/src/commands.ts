import type { Command } from './call/command.js';
import { followerRetire } from './follower/follower-retire.js';
import { logExport } from './log/log-export.js';
import { logSignHead } from './log/log-sign-head.js';
import { logVerify } from './log/log-verify.js';
import { migrateCommand } from './database/migrate.js';
import { quotaVerify } from './quota/quota-verify.js';
import { tokenFirst } from './token/token-first-command.js';
import { viewRebuild } from './view/view-rebuild.js';

export const commands: readonly Command[] = [
  logVerify,
  logExport,
  logSignHead,
  quotaVerify,
  viewRebuild,
  followerRetire,
  tokenFirst,
  migrateCommand,
];
