import { BindingId, fold, PauseId, ProjectId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { nodeOfPause, pause, pauseEvent, type NewPause, type PauseCommand, type PauseEvent } from './index.js';

const until = '2026-11-29T10:00:00.000Z';
const begun: NewPause = {
  pauseId: PauseId.parse('0193a1b0-0000-7000-8000-0000000000a1'),
  scope: { projectId: ProjectId.parse('0193a1b0-0000-7000-8000-0000000000b1'), bindingId: null },
  kind: 'disk.create',
  reason: 'the array is being serviced',
  until,
};
const given = (...past: PauseEvent[]) => ({
  when: (command: PauseCommand) => pause.decide(command, fold(pause, past)),
});
const beginning = pauseEvent('PauseBegun', begun);
const ended = pauseEvent('PauseEnded', { by: 'command' });

describe('a pause', () => {
  it('begins, and ends when it is told to', () => {
    expect(given().when({ type: 'BeginPause', ...begun })).toEqual({ accepted: true, events: [beginning] });
    expect(given(beginning).when({ type: 'EndPause' })).toEqual({ accepted: true, events: [ended] });
  });

  it('that was never there, or has ended, is not there to be ended', () => {
    const notFound = { accepted: false, refusal: { type: 'not-found' } };
    expect(given().when({ type: 'EndPause' })).toEqual(notFound);
    expect(given(beginning, ended).when({ type: 'EndPause' })).toEqual(notFound);
  });

  it('ends by itself at its time, once, and not before', () => {
    const inTime = (at: string) => ({ type: 'EndPauseInTime', at }) as const;
    expect(given(beginning).when(inTime('2026-11-29T09:59:59.999Z'))).toEqual({ accepted: true, events: [] });
    const byTime = pauseEvent('PauseEnded', { by: 'time' });
    expect(given(beginning).when(inTime(until))).toEqual({ accepted: true, events: [byTime] });
    expect(given(beginning, byTime).when(inTime(until))).toEqual({ accepted: true, events: [] });
    expect(given(beginning, ended).when(inTime(until))).toEqual({ accepted: true, events: [] });
  });

  it('belongs to the node whose work it holds', () => {
    const bindingId = BindingId.parse('0193a1b0-0000-7000-8000-0000000000c1');
    expect(nodeOfPause(begun.scope)).toBe(begun.scope.projectId);
    expect(nodeOfPause({ projectId: null, bindingId })).toBe(bindingId);
  });
});
