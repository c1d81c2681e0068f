import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import { Payments } from './payment/payments.js';
import { PaymentRequestsConsumer } from './requests/payment-requests.consumer.js';

export interface PaymentParts {
  readonly payments: Payments;
  readonly work: PhasedExecutor;
}

/** The ways into the payment service: what sagas ask of a payment. */
@Module({})
export class PaymentModule {
  static of({ payments, work }: PaymentParts): DynamicModule {
    return {
      module: PaymentModule,
      controllers: [PaymentRequestsConsumer],
      providers: [
        { provide: Payments, useValue: payments },
        { provide: PhasedExecutor, useValue: work },
      ],
    };
  }
}
