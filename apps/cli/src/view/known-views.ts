import { amongAll, EventTypes, type Projection } from '@strata/event-store';
import { diskEvents, disksView, findingEvents, findingsView, transferEvents, transfersView } from '@strata/disks';
import { operationEvents, participationEvents, operationsView, pauseEvents, pausesView } from '@strata/operations';
import { bindingEvents, bindingsView, projectEvents, projectsView } from '@strata/projects';
import { snapshotEvents, snapshotsView } from '@strata/snapshots';

export const types = new EventTypes([
  projectEvents,
  bindingEvents,
  operationEvents,
  participationEvents,
  pauseEvents,
  diskEvents,
  findingEvents,
  transferEvents,
  snapshotEvents,
]);

/** Each knows every type that may stand in the log. */
export const views: readonly Projection[] = [
  amongAll(projectsView, types),
  amongAll(bindingsView, types),
  amongAll(operationsView, types),
  amongAll(pausesView, types),
  amongAll(disksView, types),
  amongAll(snapshotsView, types),
  amongAll(findingsView, types),
  amongAll(transfersView, types),
];
