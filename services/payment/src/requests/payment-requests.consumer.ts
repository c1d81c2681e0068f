import { Ctx, Payload } from '@nestjs/microservices';
import {
  authorisePayment,
  capturePayment,
  returnPayment,
  type AuthorisePayment,
  type CapturePayment,
  type ReturnPayment,
} from '@once/contracts';
import { PhasedExecutor } from '@once/idempotency';
import { DeliveryContext, done, MessageController, OnMessage, refuse, type Verdict } from '@once/messaging';
import { Metrics } from '@once/service-kit';
import type { ArrivingRequest } from '../payment/request.js';
import { Payments } from '../payment/payments.js';

/** Receives what sagas ask of a payment. A delivery is done when the intent to act is committed, before anything is called. */
@MessageController()
export class PaymentRequestsConsumer {
  constructor(
    private readonly payments: Payments,
    private readonly work: PhasedExecutor,
    private readonly metrics: Metrics,
  ) {}

  @OnMessage(authorisePayment.type)
  authorise(
    @Payload({ schema: authorisePayment.payload }) command: AuthorisePayment,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    const { operation, orderId, amount, currency, method } = command;
    return this.receive({ kind: 'authorise', operation, orderId, charge: { amount, currency, method } }, delivery);
  }

  @OnMessage(capturePayment.type)
  capture(
    @Payload({ schema: capturePayment.payload }) { operation, orderId }: CapturePayment,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    return this.receive({ kind: 'capture', operation, orderId, charge: null }, delivery);
  }

  @OnMessage(returnPayment.type)
  return(
    @Payload({ schema: returnPayment.payload }) { operation, orderId }: ReturnPayment,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    return this.receive({ kind: 'return', operation, orderId, charge: null }, delivery);
  }

  private async receive(request: ArrivingRequest, delivery: DeliveryContext): Promise<Verdict> {
    const { id, mintedAt } = delivery.envelope;
    const message = { id, mintedAt, ...delivery.trace };
    const answer = await this.payments.submit({ kind: 'request', request, message });
    switch (answer.kind) {
      case 'begin':
        this.work.begin(answer.lease);
        return done;
      case 'asked-again':
        this.metrics.idempotency.duplicate('step');
        await this.work.hurry(answer.lease);
        return done;
      case 'mismatched':
        this.metrics.idempotency.mismatch('step');
        return refuse('the same operation came before with other fields');
      case 'too-old':
        return refuse('too_old');
      case 'in-progress':
      case 'repeated':
        this.metrics.idempotency.duplicate('step');
        return done;
      case 'answered':
      case 'known':
      case 'counted':
        return done;
    }
  }
}
