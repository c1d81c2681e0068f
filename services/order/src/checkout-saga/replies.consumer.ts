import { Ctx, Payload } from '@nestjs/microservices';
import { stepReply, type StepReply } from '@once/contracts';
import { DeliveryContext, done, MessageController, OnMessage, refuse, type Verdict } from '@once/messaging';
import { Metrics } from '@once/service-kit';
import { OrderExecutors } from '../persistence/order-executors.js';

/** Receives what participants answer. A reply needs no record: the transition is conditional on what the saga awaits. */
@MessageController()
export class RepliesConsumer {
  constructor(
    private readonly executors: OrderExecutors,
    private readonly metrics: Metrics,
  ) {}

  @OnMessage(stepReply.type)
  async receive(
    @Payload({ schema: stepReply.payload }) reply: StepReply,
    @Ctx() delivery: DeliveryContext,
  ): Promise<Verdict> {
    const { operation, orderId, outcome, reason, payment } = reply;
    const answer = await this.executors.saga.submit({
      orderId,
      sagaId: operation.sagaId,
      input: { kind: 'reply', operation, outcome, ...(reason === undefined ? {} : { reason }) },
      payment: payment ?? null,
      messageId: delivery.envelope.id,
      ...delivery.trace,
    });
    if (answer.kind === 'ignored') this.metrics.idempotency.duplicate('reply');
    return answer.kind === 'unknown' ? refuse(`no saga ${operation.sagaId} of order ${orderId}`) : done;
  }
}
