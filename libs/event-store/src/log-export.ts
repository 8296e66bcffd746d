import { z } from 'zod';
import { LogRecord } from './log-record.js';
import { type LogFault, type LogVerification, type VerifyOptions, verifyRecords } from './log-verify.js';

/** One JSON value a line: what it is, the events, where it ends. */
const Header = z.strictObject({
  format: z.literal('strata-log'),
  formatVersion: z.literal(1),
  incarnation: z.string(),
});
const Footer = z.strictObject({ end: z.strictObject({ position: z.int(), hash: z.string() }) });

/** The lines of an export, without their line ends. */
export async function* exportLines(incarnation: string, records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  yield JSON.stringify({ format: 'strata-log', formatVersion: 1, incarnation } satisfies z.infer<typeof Header>);
  let end = { position: 0, hash: '' };
  for await (const record of records) {
    end = { position: record.position, hash: record.hash };
    yield JSON.stringify(record);
  }
  yield JSON.stringify({ end } satisfies z.infer<typeof Footer>);
}

class BrokenExport extends Error {
  override readonly name = 'BrokenExport';
}

const parsed = (line: string, lineNumber: number): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    throw new BrokenExport(`line ${lineNumber} is not JSON`);
  }
};

/** Reads an export back, one line at a time. */
class ExportReader {
  incarnation: string | undefined;
  position = 0;

  constructor(private readonly lines: AsyncIterable<string>) {}

  async *records(): AsyncGenerator<LogRecord> {
    let [lineNumber, isWhole] = [0, false];
    for await (const line of this.lines) {
      lineNumber += 1;
      if (line === '') continue;
      if (isWhole) throw new BrokenExport(`something follows the end in line ${lineNumber}`);
      const value = parsed(line, lineNumber);
      if (lineNumber === 1) this.#begin(value);
      else if (this.#isEnd(value)) isWhole = true;
      else yield this.#record(value, lineNumber);
    }
    if (!isWhole) throw new BrokenExport('the end is missing');
  }

  #begin(value: unknown): void {
    const header = Header.safeParse(value);
    if (!header.success) throw new BrokenExport('this is not the export of a log');
    this.incarnation = header.data.incarnation;
  }

  #isEnd(value: unknown): boolean {
    const footer = Footer.safeParse(value);
    if (!footer.success) return false;
    if (footer.data.end.position !== this.position) throw new BrokenExport('the end names another position');
    return true;
  }

  #record(value: unknown, lineNumber: number): LogRecord {
    const record = LogRecord.safeParse(value);
    if (!record.success) throw new BrokenExport(`line ${lineNumber} is not an event`);
    this.position = record.data.position;
    return record.data;
  }
}

/** Verifies an export by itself: no database is asked. */
export const verifyExport = async (
  lines: AsyncIterable<string>,
  options: Omit<VerifyOptions, 'incarnation'> = {},
): Promise<LogVerification> => {
  const reader = new ExportReader(lines);
  let broken: LogFault | undefined;
  const untilBroken = async function* () {
    try {
      yield* reader.records();
    } catch (error) {
      if (!(error instanceof BrokenExport)) throw error;
      broken = { fault: 'broken-export', position: reader.position, detail: error.message };
    }
  };
  const { heads = [], ...rest } = options;
  const verified = await verifyRecords(untilBroken(), {
    ...rest,
    heads,
    // The reader learns it from the first line, before any head is looked at.
    get incarnation() {
      return reader.incarnation;
    },
  });
  return broken ? { ...verified, faults: [...verified.faults, broken] } : verified;
};
