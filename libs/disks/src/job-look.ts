import type { CloudFault, DiskCloud } from '@strata/cloud';
import type { Look, LookContext } from '@strata/operations';

/** What each end of a job means; `unheardOf` also where the cloud gave none: then the disk itself tells. */
export interface JobMeaning {
  succeeded(tookMs: number | null): Promise<Look>;
  failed(fault: CloudFault): Promise<Look>;
  unheardOf(): Promise<Look>;
}

/** How long a disk may look untouched, and no job tell of it, before the cloud is believed to have given up. */
export const untouchedForMs = 120_000;

/** Asks for the job of the write where there is one. */
export const lookAtJob = async (
  cloud: DiskCloud,
  { jobId }: Pick<LookContext, 'jobId'>,
  cloudId: string,
  meaning: JobMeaning,
): Promise<Look> => {
  const job = jobId === null ? { state: 'unheard-of' as const } : await cloud.lookAtJob(jobId);
  switch (job.state) {
    case 'waiting':
    case 'running':
      return { look: 'pending', state: job.state, cloudId };
    case 'succeeded':
      return meaning.succeeded(job.tookMs);
    case 'failed':
      return meaning.failed(job.fault);
    case 'unheard-of':
      return meaning.unheardOf();
  }
};
