import { defineEvents } from '@strata/event-store';
import { diskEventSchemas } from './disk/index.js';

export const diskEvents = defineEvents({
  category: 'disk',
  types: {
    DiskRequested: { versions: diskEventSchemas.DiskRequested },
    DiskRequestedAgain: { versions: diskEventSchemas.DiskRequestedAgain },
    DiskProvisioned: { versions: diskEventSchemas.DiskProvisioned },
    DiskCreationFailed: { versions: diskEventSchemas.DiskCreationFailed },
    DiskChangeRequested: { versions: diskEventSchemas.DiskChangeRequested },
    DiskChanged: { versions: diskEventSchemas.DiskChanged },
    DiskChangeFailed: { versions: diskEventSchemas.DiskChangeFailed },
    DiskExtensionRequested: { versions: diskEventSchemas.DiskExtensionRequested },
    DiskExtended: { versions: diskEventSchemas.DiskExtended },
    DiskExtensionFailed: { versions: diskEventSchemas.DiskExtensionFailed },
    DiskExtensionBroken: { versions: diskEventSchemas.DiskExtensionBroken },
    DiskDeletionRequested: { versions: diskEventSchemas.DiskDeletionRequested },
    DiskDeleted: { versions: diskEventSchemas.DiskDeleted },
    DiskDeletionFailed: { versions: diskEventSchemas.DiskDeletionFailed },
    DiskRefreshRequested: { versions: diskEventSchemas.DiskRefreshRequested },
    DiskRefreshEnded: { versions: diskEventSchemas.DiskRefreshEnded },
    DiskObserved: { versions: diskEventSchemas.DiskObserved },
    DiskFoundMissing: { versions: diskEventSchemas.DiskFoundMissing },
  },
});
