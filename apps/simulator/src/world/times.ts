/** `2026-03-02T08:15:04.118203`: EVS resources, UTC without a zone (EVS reference §1.3). */
export const resourceTime = (micros: number): string =>
  new Date(Math.floor(micros / 1_000)).toISOString().slice(0, -1) + String(micros % 1_000).padStart(3, '0');

/** `2026-03-02T08:15:03.902Z`: jobs (EVS reference §1.3). */
export const jobTime = (ms: number): string => new Date(ms).toISOString();

/** `2026-03-02T08:00:00.120000Z`: IAM (EVS reference §7.1). */
export const iamTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

/** `2026-03-02T08:00:00Z`: servers. */
export const secondTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
