import { readFile } from 'node:fs/promises';
import type { StepPoint } from '@strata/operations';
import { entryOf, ownEntry } from './entries.js';
import type { Program } from './service.js';

/** Where a worker shall die: at the n-th pass of a named point, or so long after it. */
export interface Death {
  readonly point: StepPoint;
  readonly pass: number;
  readonly delayMs: number;
}

/** One that came about, in a step of this operation. */
export interface Hit extends Death {
  readonly operationId: string;
}

const every: Readonly<Record<StepPoint, true>> = {
  loaded: true,
  'intent-recorded': true,
  'write-sent': true,
  'answer-recorded': true,
  'effect-looked-up': true,
  'cloud-looked-at': true,
  'end-recorded': true,
  settled: true,
};
/** Every named point of a step; the type sees to it that a new one is not forgotten here. */
export const stepPoints = Object.keys(every) as readonly StepPoint[];

/** Hands out deaths to workers as they are born, and takes back those that did not come about. */
export class CrashPlan {
  private readonly waiting: Death[];

  constructor(
    deaths: readonly Death[],
    private readonly report: string,
  ) {
    this.waiting = [...deaths];
  }

  next(): Program {
    const death = this.waiting.shift();
    if (death === undefined) return { entry: entryOf('worker') };
    const { point, pass, delayMs } = death;
    return { entry: ownEntry('crashing-worker'), args: [point, String(pass), String(delayMs), this.report] };
  }

  async ended({ args }: Program): Promise<void> {
    if (args === undefined) return;
    const [point, pass, delayMs] = args;
    const death = { point: point as StepPoint, pass: Number(pass), delayMs: Number(delayMs) };
    const isDeath = (hit: Hit) => hit.point === death.point && hit.pass === death.pass && hit.delayMs === death.delayMs;
    if (!(await this.hit()).some(isDeath)) this.waiting.push(death);
  }

  async hit(): Promise<readonly Hit[]> {
    const text = await readFile(this.report, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Hit);
  }
}
