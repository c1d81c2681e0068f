import { Module, type DynamicModule } from '@nestjs/common';
import { FaultsController } from './faults/faults.controller.js';
import { Faults } from './faults/faults.js';
import { Connections } from './http/connection.js';
import { RecordReader } from './ledger/record-reader.js';
import { RecordsController } from './ledger/records.controller.js';
import {
  EventsController,
  PaymentIntentsController,
  RefundsController,
  UnknownRoutesController,
} from './payment-provider/payment-provider.controllers.js';
import { PaymentProvider } from './payment-provider/payment-provider.js';
import type { OutsideWorld } from './outside-world.js';
import { PageController } from './page/page.controller.js';
import { SummaryController } from './page/summary.controller.js';
import { WorldSettingsController } from './world/world-settings.controller.js';
import { World } from './world/world.js';

/** The doors of the outside world. What is behind them is put together in outside-world.ts, without Nest. */
@Module({})
export class SandboxModule {
  static of(outside: OutsideWorld): DynamicModule {
    return {
      module: SandboxModule,
      controllers: [
        EventsController,
        FaultsController,
        PageController,
        PaymentIntentsController,
        RecordsController,
        RefundsController,
        SummaryController,
        UnknownRoutesController,
        WorldSettingsController,
      ],
      providers: [
        { provide: Connections, useValue: outside.connections },
        { provide: Faults, useValue: outside.faults },
        { provide: PaymentProvider, useValue: outside.provider },
        { provide: RecordReader, useValue: new RecordReader(outside.pool) },
        { provide: World, useValue: outside.world },
      ],
    };
  }
}
