import { z } from 'zod';
import { CloudSilent, type CloudFault, type JobLook, type Sent } from '../disk-cloud.js';
import { segment, type Answered, type EvsClient, type NotAccepted } from './evs.client.js';
import { readBody } from '../wire/texts.js';

const Accepted = z.object({ job_id: z.string().min(1) });

/** The answer to a write that is followed as a job; without a job id the disk's own status tells how it goes on. */
export const sentAsJob = (answer: Answered | NotAccepted, cloudId: string): Sent => {
  if (!('kind' in answer)) return answer;
  const accepted = Accepted.safeParse(answer.json);
  const jobId = accepted.success ? accepted.data.job_id : null;
  return { outcome: 'accepted', jobId, cloudId, requestId: answer.requestId };
};

/** Jobs are asked for where they were issued (EVS reference §1.3), so that their ids tell it. */
const ofServers = 'ecs:';

/** As `sentAsJob`, for a job of the servers' service. */
export const sentAsServerJob = (answer: Answered | NotAccepted, cloudId: string): Sent => {
  const sent = sentAsJob(answer, cloudId);
  return sent.outcome === 'accepted' && sent.jobId !== null ? { ...sent, jobId: `${ofServers}${sent.jobId}` } : sent;
};

const Entities = z.object({
  volume_id: z.string().min(1).nullish().catch(null),
  sub_jobs: z
    .array(z.object({ entities: z.object({ volume_id: z.string().nullish() }).nullish() }))
    .nullish()
    .catch(null),
});
const Job = z.object({
  status: z.string(),
  error_code: z.string().nullish(),
  fail_reason: z.string().nullish(),
  begin_time: z.string().nullish().catch(null),
  end_time: z.string().nullish().catch(null),
  entities: Entities.nullish().catch(null),
});
type Job = z.infer<typeof Job>;

/** N10, and its like of the servers (EVS reference §1.6). An unknown job is a 400 `Common.0011`, not a 404 (§1.3). */
export const queryJob = async (client: EvsClient, jobId: string): Promise<JobLook> => {
  const [service, id] = jobId.startsWith(ofServers)
    ? (['ecs', jobId.slice(ofServers.length)] as const)
    : (['evs', jobId] as const);
  // Nobody can be asked of it any more: what it was at work on tells.
  if (client.missing(service) !== null) return { state: 'unheard-of' };
  const answer = await client.read({ service, method: 'GET', version: 'v1', path: `/jobs/${segment(id)}` });
  if (answer.kind === 'refused') {
    if (answer.fault.code === 'Common.0011' || answer.reason === 'not-found') return { state: 'unheard-of' };
    throw new CloudSilent(answer.fault, answer.reason === 'forbidden' ? 'unauthenticated' : 'unavailable', null);
  }
  return lookOf(readBody(Job, answer), (job) => ({
    code: client.clean(job.error_code ?? 'job-failed'),
    message: client.clean(job.fail_reason ?? 'the cloud gave no reason'),
    requestId: answer.requestId,
  }));
};

const lookOf = (job: Job, faultOf: (job: Job) => CloudFault): JobLook => {
  const cloudId = volumeIdOf(job);
  switch (job.status.toUpperCase()) {
    case 'INIT':
      return { state: 'waiting', cloudId };
    case 'SUCCESS':
      return { state: 'succeeded', cloudId, tookMs: tookMsOf(job) };
    case 'FAIL':
      return { state: 'failed', cloudId, fault: faultOf(job) };
    default:
      return { state: 'running', cloudId };
  }
};

/** Empty while it runs (EVS reference §1.3). */
const tookMsOf = ({ begin_time: begin, end_time: end }: Job): number | null => {
  const took = Date.parse(end ?? '') - Date.parse(begin ?? '');
  return Number.isFinite(took) && took >= 0 ? took : null;
};

/** Our jobs are about one disk, also where the cloud runs them as a batch of one. */
const volumeIdOf = ({ entities }: Job): string | null => {
  const [only, ...others] = entities?.sub_jobs ?? [];
  return entities?.volume_id ?? (others.length === 0 ? only?.entities?.volume_id : null) ?? null;
};
