import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { currentContext } from './log-context.js';
import { redact } from './redaction.js';

export interface LogSettings {
  /** Of the process: api, worker … */
  readonly name: string;
  readonly level: string;
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

/** JSON lines with ids of request and operation, times in UTC, and no secrets. */
export const createLogger = ({ name, level, destination }: LogSettings): Logger => {
  const options: LoggerOptions = {
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => ({ ...currentContext() }),
    hooks: { streamWrite: redact },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
};
