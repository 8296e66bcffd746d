import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { aborted, interruptsOf } from './interrupts.js';

const asked = () => {
  const own = new EventEmitter();
  const clock = { nowMs: 1_000 };
  const { stop, force } = interruptsOf(own, () => clock.nowMs);
  const signalAt = (signal: NodeJS.Signals, ms: number) => {
    clock.nowMs = 1_000 + ms;
    own.emit(signal);
    return { stopped: stop.aborted, forced: force.aborted };
  };
  return { stop, signalAt };
};

describe('a process that is asked to end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stops on %s, and knows why', async (signal) => {
    const { stop, signalAt } = asked();
    expect(signalAt(signal, 0)).toEqual({ stopped: true, forced: false });
    expect(await aborted(stop)).toBe(signal);
  });

  it('takes a Ctrl-C that npm repeats for the one that it is', () => {
    const { signalAt } = asked();
    signalAt('SIGINT', 0);
    expect(signalAt('SIGINT', 20)).toEqual({ stopped: true, forced: false });
  });

  it('ends at once on a second Ctrl-C, whatever the first signal was', () => {
    const { signalAt } = asked();
    signalAt('SIGTERM', 0);
    expect(signalAt('SIGINT', 900)).toEqual({ stopped: true, forced: true });
  });

  it('is not forced by what supervisors repeat', () => {
    const { signalAt } = asked();
    signalAt('SIGTERM', 0);
    expect(signalAt('SIGTERM', 5_000)).toEqual({ stopped: true, forced: false });
  });
});
