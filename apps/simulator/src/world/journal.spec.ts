import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SEED } from '../options.js';
import { Journal } from './journal.js';
import { World } from './world.js';

let folder: string;
/** What the disk still takes, in bytes. */
let room: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  room = Infinity;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A disk takes what it has room for, and nothing once it is full. */
const onDisk = (descriptor: number, bytes: Buffer, offset: number, length: number, position: number): number => {
  if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const written = writeSync(descriptor, bytes, offset, Math.min(length, room), position);
  room -= written;
  return written;
};

const path = (): string => join(folder, 'journal.ndjson');
const opened = (): { readonly world: World; readonly journal: Journal } => {
  const journal = new Journal(folder, onDisk);
  return { world: new World(DEFAULT_SEED, journal), journal };
};
const zonesAfterRestart = (): ReadonlyMap<string, boolean> => {
  const { world, journal } = opened();
  journal.close();
  return world.zones;
};

describe('a journal on a full disk', () => {
  it('takes a change as a whole or not at all', () => {
    const { world, journal } = opened();
    const before = readFileSync(path(), 'utf8');
    room = 20;
    expect(() => world.commit({ kind: 'zone', name: 'torn', available: true })).toThrow('ENOSPC');
    expect(() => world.commit({ kind: 'zone', name: 'refused', available: true })).toThrow('ENOSPC');
    expect(readFileSync(path(), 'utf8')).toBe(before);
    expect([...world.zones.keys()]).not.toContain('torn');
    room = Infinity;
    world.commit({ kind: 'zone', name: 'after', available: true });
    journal.close();
    const zones = [...zonesAfterRestart().keys()];
    expect(zones).toContain('after');
    expect(zones).not.toContain('torn');
  });

  it('goes on with the rest where a write took a part only', () => {
    const inPieces = new Journal(folder, (descriptor, bytes, offset, length, position) =>
      writeSync(descriptor, bytes, offset, Math.min(length, 7), position),
    );
    new World(DEFAULT_SEED, inPieces).commit({ kind: 'zone', name: 'pièce', available: false });
    inPieces.close();
    expect(zonesAfterRestart().get('pièce')).toBe(false);
  });

  it('stays as it was when it cannot be written anew', () => {
    opened().journal.close();
    const before = readFileSync(path(), 'utf8');
    room = 20;
    expect(opened).toThrow('ENOSPC');
    expect(readFileSync(path(), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['journal.ndjson']);
  });
});

describe('a journal with a torn line', () => {
  const zone = (name: string): string => JSON.stringify({ atMs: 0, change: { kind: 'zone', name, available: true } });

  it('is read without it when it is the last one', () => {
    writeFileSync(path(), `${zone('whole')}\n${zone('torn').slice(0, 30)}`);
    expect([...zonesAfterRestart().keys()]).toContain('whole');
    expect([...zonesAfterRestart().keys()]).not.toContain('torn');
  });

  it('is a fault that names file and line when something follows', () => {
    writeFileSync(path(), `${zone('whole')}\n${zone('torn').slice(0, 30)}${zone('glued')}\n`);
    expect(opened).toThrow(`${path()}, line 2: no entry of a journal`);
  });
});
