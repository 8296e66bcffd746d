import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { CliFault, lineOf } from '../call/fault.js';

const chunkLength = 1 << 16;

/** Lines with their ends, joined so that a write carries many. */
export async function* joined(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** To a stream that stays open. Resolves when everything was taken. */
export const writeLines = async (to: Writable, lines: AsyncIterable<string>, signal: AbortSignal): Promise<void> => {
  for await (const chunk of joined(lines)) {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      to.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
};

/** Where the file really lies; a rename onto a link or a device would replace the link or the device. */
const placeOf = async (path: string): Promise<string> => {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return path;
  if (!(await stat(real)).isFile()) throw new CliFault(`${path} is no file; leave --out away to write to the terminal`);
  return real;
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Under `path` stands the whole of it or what stood there before: it is written beside, brought to the disk, and renamed.
 * When that fails, or is aborted, nothing is left of it.
 */
export const writeWholeFile = async (
  path: string,
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> => {
  const place = await placeOf(path);
  const beside = join(dirname(place), `.${basename(place)}.${process.pid}.partial`);
  const told = (error: unknown) =>
    new CliFault(`${path} was not written: ${lineOf(error)}`, undefined, { cause: error });
  const file = await open(beside, 'wx', 0o600).catch((error: unknown) => Promise.reject(told(error)));
  try {
    await fill(file, lines, signal, told);
    await rename(beside, place);
    await syncFolder(dirname(place));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
};

/** What goes wrong with the file is told apart from what goes wrong with its lines. */
const fill = async (
  file: FileHandle,
  lines: AsyncIterable<string>,
  signal: AbortSignal,
  told: (error: unknown) => CliFault,
): Promise<void> => {
  const mustWrite = (writing: Promise<void>) => writing.catch((error: unknown) => Promise.reject(told(error)));
  try {
    for await (const chunk of joined(lines)) {
      signal.throwIfAborted();
      await mustWrite(file.writeFile(chunk));
    }
    await mustWrite(file.sync());
  } finally {
    await file.close();
  }
};
