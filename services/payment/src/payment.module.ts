import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import { AccountsModule, DeadLettersModule, type AccountsOptions, type DeadLetters } from '@once/service-kit';
import Stripe from 'stripe';
import { Payments } from './payment/payments.js';
import { PaymentRequestsConsumer } from './requests/payment-requests.consumer.js';
import { StripeWebhookController, WEBHOOK_SECRET } from './webhook/stripe-webhook.controller.js';

export interface PaymentParts {
  readonly accounts: AccountsOptions;
  readonly payments: Payments;
  readonly work: PhasedExecutor;
  readonly stripe: Stripe;
  readonly webhookSecret: string;
  readonly deadLetters: DeadLetters;
}

/** The ways into the payment service: what sagas ask of a payment, what the provider tells, and what the operator does. */
@Module({})
export class PaymentModule {
  static of({ accounts, payments, work, stripe, webhookSecret, deadLetters }: PaymentParts): DynamicModule {
    return {
      module: PaymentModule,
      imports: [AccountsModule.forRoot(accounts), DeadLettersModule.of(deadLetters)],
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
