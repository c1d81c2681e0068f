import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import Stripe from 'stripe';
import { Payments } from './payment/payments.js';
import { PaymentRequestsConsumer } from './requests/payment-requests.consumer.js';
import { StripeWebhookController, WEBHOOK_SECRET } from './webhook/stripe-webhook.controller.js';

export interface PaymentParts {
  readonly payments: Payments;
  readonly work: PhasedExecutor;
  readonly stripe: Stripe;
  readonly webhookSecret: string;
}

/** The ways into the payment service: what sagas ask of a payment, and what the provider tells. */
@Module({})
export class PaymentModule {
  static of({ payments, work, stripe, webhookSecret }: PaymentParts): DynamicModule {
    return {
      module: PaymentModule,
      controllers: [PaymentRequestsConsumer, StripeWebhookController],
      providers: [
        { provide: Payments, useValue: payments },
        { provide: PhasedExecutor, useValue: work },
        { provide: Stripe, useValue: stripe },
        { provide: WEBHOOK_SECRET, useValue: webhookSecret },
      ],
    };
  }
}
