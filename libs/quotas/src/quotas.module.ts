import { Module } from '@nestjs/common';
import { LimitsController } from './limits/limits.http.js';
import { QuotaController } from './quota-view/quota.http.js';

/** Needs from the app, globally: EventStore, QuotaLedger. */
@Module({ controllers: [QuotaController, LimitsController] })
export class QuotasModule {}
