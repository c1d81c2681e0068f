import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import { AccountsModule, DeadLettersModule, type AccountsOptions, type DeadLetters } from '@once/service-kit';
import Stripe from 'stripe';
import { Payments } from './payment/payments.js';
import { Reconciliation } from './reconciliation/reconciliation.js';
import { ReconciliationController } from './reconciliation/reconciliation.controller.js';
import { PaymentRequestsConsumer } from './requests/payment-requests.consumer.js';
import { StripeWebhookController, WEBHOOK_SECRET } from './webhook/stripe-webhook.controller.js';

export interface PaymentParts {
  readonly accounts: AccountsOptions;
  readonly payments: Payments;
  readonly work: PhasedExecutor;
  readonly stripe: Stripe;
  readonly webhookSecret: string;
  readonly deadLetters: DeadLetters;
  readonly reconciliation: Reconciliation;
}

/** The ways into the payment service: what sagas ask of a payment, what the provider tells, and what the operator does. */
@Module({})
export class PaymentModule {
  static of(parts: PaymentParts): DynamicModule {
    const { accounts, payments, work, stripe, webhookSecret, deadLetters, reconciliation } = parts;
    return {
      module: PaymentModule,
      imports: [AccountsModule.forRoot(accounts), DeadLettersModule.of(deadLetters)],
      controllers: [PaymentRequestsConsumer, StripeWebhookController, ReconciliationController],
      providers: [
        { provide: Payments, useValue: payments },
        { provide: PhasedExecutor, useValue: work },
        { provide: Stripe, useValue: stripe },
        { provide: Reconciliation, useValue: reconciliation },
        { provide: WEBHOOK_SECRET, useValue: webhookSecret },
      ],
    };
  }
}
