import { describe, expect, it } from 'vitest';
import { exposition, Histogram } from './exposition.js';

describe('the exposition of metrics', () => {
  it('is written as Prometheus reads it', () => {
    const samples = [{ labels: { endpoint: 'https://a"b\\c\n' }, value: 1.5 }, { value: Infinity }];
    expect(exposition([{ name: 'strata_x', help: 'what it is', type: 'gauge', samples }])).toBe(
      '# HELP strata_x what it is\n# TYPE strata_x gauge\nstrata_x{endpoint="https://a\\"b\\\\c\\n"} 1.5\nstrata_x +Inf\n',
    );
  });

  it('counts the values of a histogram up to each bound', () => {
    const histogram = new Histogram('strata_y_seconds', 'how long', [0.1, 1]);
    for (const value of [0.05, 0.5, 5]) histogram.observe(value, { route: 'get' });
    expect(exposition([histogram.metric]).split('\n').slice(2, -1)).toEqual([
      'strata_y_seconds_bucket{route="get",le="0.1"} 1',
      'strata_y_seconds_bucket{route="get",le="1"} 2',
      'strata_y_seconds_bucket{route="get",le="+Inf"} 3',
      'strata_y_seconds_sum{route="get"} 5.55',
      'strata_y_seconds_count{route="get"} 3',
    ]);
  });
});
