import { DiskServer } from '@strata/disks/contract';
import { SnapshotsModule } from '../http.js';
import {
  cataloguesOfSnapshots,
  kindsWithSnapshots,
  rollbackAdmission,
  snapshotProblems,
  SnapshotsOfDisk,
  UsedSnapshots,
  viewsOfSnapshots,
} from '../index.js';

/** Snapshots, disks and operations behind real HTTP; what a worker would report, the test reports. */
export const startSnapshotServer = (): Promise<DiskServer> =>
  DiskServer.start({
    modules: [SnapshotsModule],
    catalogues: cataloguesOfSnapshots,
    projections: viewsOfSnapshots,
    problems: [snapshotProblems],
    kinds: kindsWithSnapshots,
    admissions: [rollbackAdmission],
    dependents: new SnapshotsOfDisk(),
    snapshots: new UsedSnapshots(),
  });
