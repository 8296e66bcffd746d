import { Histogram, type Metric, type MetricSource } from './exposition.js';

/** In seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What came to this process, by route and outcome; what fits no route is `none`. */
export class RequestMetrics implements MetricSource {
  private readonly counts = new Map<string, number>();
  private readonly seconds = new Histogram('strata_http_request_seconds', 'How long requests took, by route.', bounds);

  observe(route: string | undefined, status: number, seconds: number): void {
    const key = `${route ?? 'none'} ${status}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.seconds.observe(seconds, { route: route ?? 'none' });
  }

  metrics(): Promise<readonly Metric[]> {
    const samples = [...this.counts].map(([key, value]) => {
      const [route = '', status = ''] = key.split(' ');
      return { labels: { route, status }, value };
    });
    const total: Metric = {
      name: 'strata_http_requests_total',
      help: 'Requests answered, by route and status.',
      type: 'counter',
      samples,
    };
    return Promise.resolve([total, this.seconds.metric]);
  }
}
