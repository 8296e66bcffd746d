import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleNames } from './fixtures/examples.js';

const notCalled = (instead: string) => `the adapter makes no such call: ${instead}`;
const backups = 'backups are not there yet';

/** What no spec answers the adapter with, by the beginning of its name, and why. */
const notPlayed: Readonly<Record<string, string>> = {
  'cbr.vault.': backups,
  'cbr.checkpoint.': backups,
  'cbr.backup.': backups,
  'cbr.policy.': backups,
  'cbr.task.': backups,
  'evs.volume.create.from_backup': backups,
  'evs.lazyload.progress': 'how far a disk is loaded is not asked for yet',
  'iam.token.assume_role': notCalled('a binding names credentials of its own'),
  'iam.token.validate': notCalled('a token is known by whether it works'),
  'iam.projects.accessible': notCalled('the binding names the cloud project'),
  'iam.aksk.signed_request': 'its signature is invented: access-key.signature.spec.ts signs by itself',
  'evs.volume.create.batch': notCalled('each disk of a batch is created by itself'),
  'evs.volume.create.cinder': notCalled('N1 takes tags'),
  'evs.volume.extend.cinder': notCalled('N5 names a job'),
  'evs.volume.delete.cinder_cascade': notCalled('N4 deletes the snapshots too'),
  'evs.tags.of_': notCalled('N2 and N3 tell the tags with the disk'),
  'evs.tags.count': notCalled('disks are looked for, not counted'),
  'evs.metadata.single': notCalled('several keys are changed in one call'),
  'evs.versions': notCalled('the binding names the addresses'),
  'ims.image.get': notCalled('all images are listed'),
  'ims.image.list.glance': notCalled('the native list tells more'),
};

const sources = join(import.meta.dirname, '..');

/** The examples that are named in specs other than this one. */
const played = (): ReadonlySet<string> => {
  const specs = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.spec.ts') && !file.endsWith('/examples.spec.ts'),
  );
  const text = specs.map((file) => readFileSync(join(sources, file), 'utf8')).join('\n');
  return new Set(exampleNames.filter((name) => text.includes(`'${name}'`)));
};

describe('the documented answers', () => {
  it('are all given to the adapter by some spec, or it is said why not', () => {
    const given = played();
    const isExcused = (name: string) => Object.keys(notPlayed).some((beginning) => name.startsWith(beginning));
    const left = exampleNames.filter((name) => !given.has(name));
    expect(left.filter((name) => !isExcused(name))).toEqual([]);
    expect([...given].filter(isExcused)).toEqual([]);
    const unused = Object.keys(notPlayed).filter((beginning) => !left.some((name) => name.startsWith(beginning)));
    expect(unused).toEqual([]);
  });
});
