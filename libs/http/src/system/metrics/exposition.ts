/** One sample; `suffix` is appended to the name of its metric (`_bucket`, `_sum`, `_count` of a histogram). */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: string;
}

/** A family of samples as Prometheus knows it. Names carry their unit; no label names a project or a resource of one. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

export interface MetricSource {
  metrics(): Promise<readonly Metric[]>;
}

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

const escaped = (value: string): string => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

const written = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
};

const line = (name: string, { labels = {}, value, suffix = '' }: Sample): string => {
  const named = Object.entries(labels).map(([label, each]) => `${label}="${escaped(each)}"`);
  return `${name}${suffix}${named.length > 0 ? `{${named.join(',')}}` : ''} ${written(value)}`;
};

/** In the text format of Prometheus, version 0.0.4. */
export const exposition = (metrics: readonly Metric[]): string =>
  metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => line(name, sample)),
    ])
    .map((each) => `${each}\n`)
    .join('');

/** Counts of values up to each bound, by labels. */
export class Histogram {
  private readonly series = new Map<
    string,
    { readonly labels: Readonly<Record<string, string>>; readonly counts: number[]; sum: number; count: number }
  >();

  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly bounds: readonly number[],
  ) {}

  observe(value: number, labels: Readonly<Record<string, string>> = {}): void {
    const key = JSON.stringify(labels);
    const series = this.series.get(key) ?? { labels, counts: this.bounds.map(() => 0), sum: 0, count: 0 };
    this.series.set(key, series);
    series.sum += value;
    series.count += 1;
    for (const [at, bound] of this.bounds.entries())
      if (value <= bound) series.counts[at] = (series.counts[at] ?? 0) + 1;
  }

  get metric(): Metric {
    const samples = [...this.series.values()].flatMap(({ labels, counts, sum, count }): Sample[] => [
      ...this.bounds.map((bound, at) => ({
        suffix: '_bucket',
        labels: { ...labels, le: String(bound) },
        value: counts[at] ?? 0,
      })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: count },
    ]);
    return { name: this.name, help: this.help, type: 'histogram', samples };
  }
}
