import { Module } from '@nestjs/common';
import { Lists } from '@strata/projects/http';
import { CancelOperationController } from './cancel-operation/cancel-operation.http.js';
import { EventsController } from './operation-events/events.http.js';
import { FlowController } from './flow/flow.http.js';
import { OperationsController } from './operation-list/operations.http.js';
import { UsualDurations } from './operation-list/usual-durations.js';
import { OperationReader } from './operation-reader.js';
import { OperationAnswers } from './request-operation/operation-answers.js';
import { SupportController } from './operation-support/support.http.js';
import { PausesController } from './pauses/pauses.http.js';
import { RetryOperationController } from './retry-operation/retry-operation.http.js';

/**
 * Needs from the app, globally: EventStore, QuotaLedger, ViewStore, TokenStore, Cursors, KindRegistry, OperationWaits,
 * HeldOperations, FlowFigures.
 */
@Module({
  controllers: [
    OperationsController,
    CancelOperationController,
    RetryOperationController,
    EventsController,
    SupportController,
    PausesController,
    FlowController,
  ],
  providers: [Lists, OperationReader, OperationAnswers, UsualDurations],
  exports: [OperationReader, OperationAnswers],
})
export class OperationsModule {}
