import type { CloudFault, DiskCloud } from '@strata/cloud';
import type { Look, LookContext } from '@strata/operations';

/**
 * What each end of a job means; `unheardOf` also where the cloud gave none, or only the resource is asked: then the disk itself
 * tells. A job may be unheard of for a moment: a disk that looks untouched is `pending`, and says so.
 */
export interface JobMeaning {
  succeeded(tookMs: number | null): Promise<Look>;
  failed(fault: CloudFault): Promise<Look>;
  unheardOf(): Promise<Look>;
}

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
