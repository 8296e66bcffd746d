import { Histogram, type Metric, type MetricSource } from '@strata/http';

/** Up to the most appends in one commit (`STRATA_LANE_MAX_APPENDS`, unless set otherwise). */
const bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** How much this process puts into the log at a time: the busier it is, the more. */
export class LaneMetrics implements MetricSource {
  private readonly appends = new Histogram(
    'strata_lane_batch_appends',
    'Appends that this process sent into the log together.',
    bounds,
  );

  sent(appends: number): void {
    this.appends.observe(appends);
  }

  metrics(): Promise<readonly Metric[]> {
    return Promise.resolve([this.appends.metric]);
  }
}
