/** Where the movable clock stands: at `realMs` of the real clock it shows `simulatedMs`, and runs `rate` times as fast. */
export interface ClockSetting {
  readonly simulatedMs: number;
  readonly realMs: number;
  readonly rate: number;
}

export const realTime: ClockSetting = { simulatedMs: 0, realMs: 0, rate: 1 };

/** The simulator's own time. It never runs backwards, whatever the real clock does. */
export class Clock {
  private latestMs = 0;

  constructor(private setting: ClockSetting = realTime) {}

  get rate(): number {
    return this.setting.rate;
  }

  get current(): ClockSetting {
    return this.setting;
  }

  nowMs(): number {
    const { simulatedMs, realMs, rate } = this.setting;
    this.latestMs = Math.max(this.latestMs, Math.floor(simulatedMs + (Date.now() - realMs) * rate));
    return this.latestMs;
  }

  /** What the clock would be set to; nothing changes until `set`. */
  moved(change: { readonly nowMs?: number; readonly advanceMs?: number; readonly rate?: number }): ClockSetting {
    return {
      simulatedMs: (change.nowMs ?? this.nowMs()) + (change.advanceMs ?? 0),
      realMs: Date.now(),
      rate: change.rate ?? this.rate,
    };
  }

  set(setting: ClockSetting): void {
    this.setting = setting;
  }

  /** The time was this late already, before the process was started again. */
  notBefore(ms: number): void {
    this.latestMs = Math.max(this.latestMs, ms);
  }

  /** Forgets how late it has been: only for a world that begins anew. */
  restart(setting: ClockSetting): void {
    this.setting = setting;
    this.latestMs = 0;
  }
}
