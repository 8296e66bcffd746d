import { defineEvents } from '@strata/event-store';
import { operationEventSchemas } from './operation/index.js';
import { participationEventSchemas } from './participation/index.js';
import { pauseEventSchemas } from './pause/index.js';

export const operationEvents = defineEvents({
  category: 'operation',
  types: {
    OperationRequested: { versions: operationEventSchemas.OperationRequested },
    OperationStarted: { versions: operationEventSchemas.OperationStarted },
    SendIntended: { versions: operationEventSchemas.SendIntended },
    SendAccepted: { versions: operationEventSchemas.SendAccepted },
    AnswerLost: { versions: operationEventSchemas.AnswerLost },
    SendPresumedAbsent: { versions: operationEventSchemas.SendPresumedAbsent },
    OperationStuckSuspected: { versions: operationEventSchemas.OperationStuckSuspected },
    CloudProgressed: { versions: operationEventSchemas.CloudProgressed },
    OperationCancelRequested: { versions: operationEventSchemas.OperationCancelRequested },
    OperationSucceeded: { versions: operationEventSchemas.OperationSucceeded },
    OperationFailed: { versions: operationEventSchemas.OperationFailed },
    OperationCancelled: { versions: operationEventSchemas.OperationCancelled },
    OperationRetried: { versions: operationEventSchemas.OperationRetried },
  },
});

export const pauseEvents = defineEvents({
  category: 'pause',
  types: {
    PauseBegun: { versions: pauseEventSchemas.PauseBegun },
    PauseEnded: { versions: pauseEventSchemas.PauseEnded },
  },
});

export const participationEvents = defineEvents({
  category: 'participation',
  types: {
    ParticipationBegan: { versions: participationEventSchemas.ParticipationBegan },
    ParticipationEnded: { versions: participationEventSchemas.ParticipationEnded },
  },
});

/** All that this feature writes. */
export const cataloguesOfOperations = [operationEvents, participationEvents, pauseEvents];
