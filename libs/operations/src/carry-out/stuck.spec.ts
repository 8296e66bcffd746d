import { describe, expect, it } from 'vitest';
import type { Sent } from '@strata/cloud';
import { Carrier, type Found, type Look, type LookContext } from '../kind.js';
import { nextStuckLookInMs, resolve, suspicionFrom } from './stuck.js';

const hourMs = 3_600_000;
const took = (...ms: number[]) => Array.from({ length: 100 }, (_, index) => ms[index % ms.length] ?? 0);

describe('when something is suspected to be stuck', () => {
  it('is after three times what the slowest but one of a hundred took', () => {
    expect(suspicionFrom(took(60_000, 100_000), hourMs)).toEqual({ afterMs: 300_000, sample: 100 });
    expect(suspicionFrom([...took(60_000).slice(1), 1_000_000], hourMs)).toEqual({ afterMs: 180_000, sample: 100 });
  });

  it('is neither at once where all are quick, nor beyond half of the deadline where all are slow', () => {
    expect(suspicionFrom(took(20), hourMs).afterMs).toBe(120_000);
    expect(suspicionFrom(took(hourMs), hourMs).afterMs).toBe(hourMs / 2);
  });

  it('is after a quarter of the deadline while too few are known', () => {
    expect(suspicionFrom([20, 20, 20], hourMs)).toEqual({ afterMs: hourMs / 4, sample: null });
  });

  it('brings looks that are further apart each time, up to five minutes', () => {
    expect([120_000, 600_000, hourMs].map(nextStuckLookInMs)).toEqual([30_000, 150_000, 300_000]);
  });
});

const pending: Look = { look: 'pending', state: 'running', cloudId: null };
const done: Look = { look: 'done', outcome: {} };
const error = { code: 'x', title: 'x', owner: 'cloud', remedy: 'x', retryable: true, cloud: null } as const;
const failed: Look = { look: 'failed', error, left: {} };

/** One whose job says this and whose resource says that. */
class Told extends Carrier<null> {
  override readonly kind = 'disk.create';
  constructor(
    private readonly byJob: Look,
    private readonly byResource: Look,
    override readonly onlyJobTells: boolean,
  ) {
    super();
  }
  override send(): Promise<Sent> {
    throw new Error('nothing is sent');
  }
  override lookUp(): Promise<Found> {
    throw new Error('nothing is looked up');
  }
  override look(_cloud: null, { jobId }: LookContext): Promise<Look> {
    return Promise.resolve(jobId === null ? this.byResource : this.byJob);
  }
}

describe('what job and resource say together', () => {
  const context = { jobId: 'job', cloudId: null } as LookContext;
  const resolved = (byJob: Look, byResource: Look, onlyJobTells = false) =>
    resolve(new Told(byJob, byResource, onlyJobTells), null, context);

  it('is the end that either of them tells', async () => {
    expect(await resolved(done, pending)).toEqual(done);
    expect(await resolved(failed, pending)).toEqual(failed);
    expect(await resolved(pending, done)).toEqual(done);
    expect(await resolved(pending, failed)).toEqual(failed);
  });

  it('is no end while the job fills what looks whole already', async () => {
    expect(await resolved(pending, done, true)).toEqual(pending);
    expect(await resolved(pending, failed, true)).toEqual(failed);
  });

  it('is no end while the job is at work and the resource untouched', async () => {
    const untouched: Look = { ...pending, untouched: error };
    expect(await resolved(pending, untouched)).toEqual(pending);
    expect(await resolved(untouched, untouched)).toEqual(untouched);
  });

  it('names the resource where only one of them does', async () => {
    expect(await resolved(pending, { ...pending, cloudId: 'disk' })).toMatchObject({
      look: 'pending',
      cloudId: 'disk',
    });
  });
});
