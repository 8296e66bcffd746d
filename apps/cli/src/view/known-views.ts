import { amongAll, EventTypes } from '@strata/event-store';
import { cataloguesOfDisks, viewsOfDisks } from '@strata/disks';
import { cataloguesOfOperations, viewsOfOperations } from '@strata/operations';
import { cataloguesOfProjects, viewsOfProjects } from '@strata/projects';
import { snapshotEvents, snapshotsView } from '@strata/snapshots';

export const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  snapshotEvents,
]);

/** Each knows every type that may stand in the log. */
export const views = [...viewsOfProjects, ...viewsOfOperations, ...viewsOfDisks, snapshotsView].map((view) =>
  amongAll(view, types),
);
