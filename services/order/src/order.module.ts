import { Module, type DynamicModule } from '@nestjs/common';
import { OutboxGauge } from '@once/messaging';
import {
  AccountsModule,
  DeadLettersModule,
  RateLimiter,
  type AccountsOptions,
  type DeadLetters,
} from '@once/service-kit';
import { CancelOrderController } from './cancel-order/cancel-order.controller.js';
import { RepliesConsumer } from './checkout-saga/replies.consumer.js';
import { OrderLookup } from './operator/order-lookup.js';
import { OperatorOrdersController } from './operator/orders.controller.js';
import { PaymentQuestion } from './operator/payment-question.js';
import { SagaReader } from './operator/saga-reader.js';
import { SagasController } from './operator/sagas.controller.js';
import { OrderExecutors } from './persistence/order-executors.js';
import { OrderReader } from './persistence/order-reader.js';
import { PlaceOrderController } from './place-order/place-order.controller.js';
import { ReadOrdersController } from './read-orders/read-orders.controller.js';
import { StockController } from './set-stock/stock.controller.js';
import { StockShelf } from './set-stock/stock-shelf.js';

export interface OrderParts {
  readonly accounts: AccountsOptions;
  readonly requestsPerSecond: number;
  readonly executors: OrderExecutors;
  readonly outbox: OutboxGauge;
  readonly reader: OrderReader;
  readonly shelf: StockShelf;
  readonly lookup: OrderLookup;
  readonly sagas: SagaReader;
  readonly question: PaymentQuestion;
  readonly deadLetters: DeadLetters;
}

/** The ways into the order service: HTTP routes and replies. */
@Module({})
export class OrderModule {
  static of({
    accounts,
    requestsPerSecond,
    executors,
    outbox,
    reader,
    shelf,
    lookup,
    sagas,
    question,
    deadLetters,
  }: OrderParts): DynamicModule {
    return {
      module: OrderModule,
      imports: [AccountsModule.forRoot(accounts), DeadLettersModule.of(deadLetters)],
      controllers: [
        PlaceOrderController,
        ReadOrdersController,
        CancelOrderController,
        StockController,
        OperatorOrdersController,
        SagasController,
        RepliesConsumer,
      ],
      providers: [
        { provide: OrderExecutors, useValue: executors },
        { provide: OutboxGauge, useValue: outbox },
        { provide: RateLimiter, useValue: new RateLimiter(requestsPerSecond) },
        { provide: OrderReader, useValue: reader },
        { provide: StockShelf, useValue: shelf },
        { provide: OrderLookup, useValue: lookup },
        { provide: SagaReader, useValue: sagas },
        { provide: PaymentQuestion, useValue: question },
      ],
    };
  }
}
