import { amongAll, EventTypes } from '@strata/event-store';
import { cataloguesOfDisks, viewsOfDisks } from '@strata/disks';
import { cataloguesOfOperations, viewsOfOperations } from '@strata/operations';
import { cataloguesOfProjects, viewsOfProjects } from '@strata/projects';
import { cataloguesOfSnapshots, viewsOfSnapshots } from '@strata/snapshots';

export const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);

/** Each knows every type that may stand in the log. */
export const views = [...viewsOfProjects, ...viewsOfOperations, ...viewsOfDisks, ...viewsOfSnapshots].map((view) =>
  amongAll(view, types),
);
