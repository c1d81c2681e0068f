import { Ctx, Payload } from '@nestjs/microservices';
import { sendCancellation, sendConfirmation, type SendCancellation, type SendConfirmation } from '@once/contracts';
import { PhasedExecutor } from '@once/idempotency';
import { DeliveryContext, done, MessageController, OnMessage, refuse, type Verdict } from '@once/messaging';
import { Metrics } from '@once/service-kit';
import type { MailRequest } from '../correspondence/correspondence.js';
import { Correspondences } from '../correspondence/correspondences.js';

/** Receives what sagas want customers to be told. A delivery is done when the intent to send is committed. */
@MessageController()
export class MailRequestsConsumer {
  constructor(
    private readonly correspondences: Correspondences,
    private readonly work: PhasedExecutor,
    private readonly metrics: Metrics,
  ) {}

  @OnMessage(sendConfirmation.type)
  confirm(
    @Payload({ schema: sendConfirmation.payload }) command: SendConfirmation,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    return this.receive({ ...command, template: 'confirmed', reason: null }, delivery);
  }

  @OnMessage(sendCancellation.type)
  cancel(
    @Payload({ schema: sendCancellation.payload }) command: SendCancellation,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    return this.receive({ ...command, template: 'cancelled' }, delivery);
  }

  private async receive(request: MailRequest, delivery: DeliveryContext): Promise<Verdict> {
    const { id, mintedAt } = delivery.envelope;
    const message = { id, mintedAt, ...delivery.trace };
    const answer = await this.correspondences.submit({ kind: 'request', request, message });
    switch (answer.kind) {
      case 'begin':
        this.work.begin(answer.lease);
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
      case 'send':
        return done;
    }
  }
}
