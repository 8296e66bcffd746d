import { open } from 'node:fs/promises';

const mostBytes = 4_096;
const mostLines = 12;

/** The last lines of a log, read from its end; whoever tells why something ended has no other fault to tell. */
const lastLines = async (path: string): Promise<string> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, mostBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').trimEnd().split('\n');
    return lines.slice(-mostLines).join('\n  ');
  } finally {
    await file.close();
  }
};

/** What happened to a process, where its log is, and how that ends. */
export const withLogTail = async (what: string, logFile: string): Promise<string> => {
  const tail = await lastLines(logFile).catch((error: NodeJS.ErrnoException) => `(not readable: ${error.code ?? ''})`);
  return tail === '' ? `${what}. Its log is empty: ${logFile}` : `${what}. The end of its log, ${logFile}:\n  ${tail}`;
};
