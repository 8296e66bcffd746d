import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from './changes.js';

const newline = 0x0a;

/** As `writeSync`: it may write fewer bytes than it was given, and says how many. */
type WriteBytes = (descriptor: number, bytes: Buffer, offset: number, length: number, position: number) => number;

/**
 * The file that outlives the process: one JSON line for each change, handed to the operating system before the change is answered.
 * A killed process loses nothing of it; a torn last line (a killed machine) is left out.
 */
export class Journal {
  private descriptor: number | null = null;
  /** Of the lines that are whole, in bytes: the next one begins there, whatever a failed write has left behind it. */
  private length = 0;
  private readonly path: string;

  constructor(
    folder: string,
    private readonly writeBytes: WriteBytes = writeSync,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, 'journal.ndjson');
  }

  /** Throws with the number of the line when one is no entry. What follows the last newline is none: it was never answered. */
  *read(): Generator<JournalEntry> {
    if (!existsSync(this.path)) return;
    const bytes = readFileSync(this.path);
    let start = 0;
    let number = 1;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      yield this.entryOf(bytes.toString('utf8', start, end), number);
      start = end + 1;
      number += 1;
    }
  }

  /** Begins a new file with what is still needed, puts it in the old one's place, and goes on writing there. */
  compact(entries: Iterable<JournalEntry>): void {
    const next = `${this.path}.new`;
    const descriptor = openSync(next, 'w', 0o600);
    try {
      const length = this.writeEntries(descriptor, entries);
      fsyncSync(descriptor);
      renameSync(next, this.path);
      this.descriptor = descriptor;
      this.length = length;
    } catch (error) {
      closeSync(descriptor);
      rmSync(next, { force: true });
      throw error;
    }
  }

  /** All of it or nothing: throws when the file cannot take it, as on a full disk. */
  write(entry: JournalEntry): void {
    if (this.descriptor === null) throw new Error('the journal is not open');
    try {
      this.length = this.writeAll(this.descriptor, `${JSON.stringify(entry)}\n`, this.length);
    } catch (error) {
      ftruncateSync(this.descriptor, this.length);
      throw error;
    }
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  private entryOf(line: string, number: number): JournalEntry {
    try {
      return JSON.parse(line) as JournalEntry;
    } catch (cause) {
      throw new Error(`${this.path}, line ${number}: no entry of a journal`, { cause });
    }
  }

  /** Returns the length of all, in bytes. */
  private writeEntries(descriptor: number, entries: Iterable<JournalEntry>): number {
    let length = 0;
    let lines: string[] = [];
    for (const entry of entries) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (lines.length < 1_000) continue;
      length = this.writeAll(descriptor, lines.join(''), length);
      lines = [];
    }
    return this.writeAll(descriptor, lines.join(''), length);
  }

  /** Returns where it ends. A disk that has become full takes a part first, and refuses the rest. */
  private writeAll(descriptor: number, text: string, position: number): number {
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length)
      written += this.writeBytes(descriptor, bytes, written, bytes.length - written, position + written);
    return position + written;
  }
}
