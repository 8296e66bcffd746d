import { DiskServer } from '@strata/disks/contract';
import {
  kindsWithSnapshots,
  rollbackAdmission,
  snapshotEvents,
  snapshotProblems,
  SnapshotsModule,
  SnapshotsOfDisk,
  snapshotsView,
  UsedSnapshots,
} from '../index.js';

/** Snapshots, disks and operations behind real HTTP; what a worker would report, the test reports. */
export const startSnapshotServer = (): Promise<DiskServer> =>
  DiskServer.start({
    modules: [SnapshotsModule],
    catalogues: [snapshotEvents],
    projections: [snapshotsView],
    problems: [snapshotProblems],
    kinds: kindsWithSnapshots,
    admissions: [rollbackAdmission],
    dependents: new SnapshotsOfDisk(),
    snapshots: new UsedSnapshots(),
  });
