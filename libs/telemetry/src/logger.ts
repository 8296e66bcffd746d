import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { currentContext } from './log-context.js';
import { LogDestination } from './log-destination.js';
import { redact } from './redaction.js';

export interface LogSettings {
  /** Of the process: api, worker … */
  readonly name: string;
  readonly level: string;
  /** In place of `descriptor`. */
  readonly destination?: DestinationStream;
  /** Of an open file; standard output when absent. */
  readonly descriptor?: number;
}

const standardOutput = 1;

/** JSON lines with ids of request and operation, times in UTC, and no secrets. A file that takes no lines troubles nobody. */
export const createLogger = ({ name, level, destination, descriptor = standardOutput }: LogSettings): Logger => {
  const options: LoggerOptions = {
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => ({ ...currentContext() }),
    hooks: { streamWrite: redact },
  };
  const tellDropped = (droppedLines: number): void =>
    logger.warn({ droppedLines }, 'lines are missing here: they could not be written');
  const logger = pino(options, destination ?? new LogDestination(descriptor, tellDropped));
  return logger;
};
