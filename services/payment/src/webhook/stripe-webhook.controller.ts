import { Controller, Headers, HttpCode, Inject, Logger, Post, RawBody } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Metrics, Problem, Trace, traceIdOf, type Traced } from '@once/service-kit';
import Stripe from 'stripe';
import { Payments } from '../payment/payments.js';
import { readEvent } from './provider-event.js';

/** The secret that Stripe signs events with. */
export const WEBHOOK_SECRET = Symbol('WEBHOOK_SECRET');

/**
 * The provider tells what happened, before, after or instead of its answer, in any order and any number of times. Answered
 * 2xx only after the observation is committed; until then the provider sends it again.
 */
@ApiTags('webhooks')
@Controller('webhooks')
export class StripeWebhookController {
  private readonly log = new Logger('webhook');

  constructor(
    private readonly payments: Payments,
    private readonly stripe: Stripe,
    private readonly metrics: Metrics,
    @Inject(WEBHOOK_SECRET) private readonly secret: string,
  ) {}

  @Post('stripe')
  @HttpCode(200)
  @ApiOperation({ summary: 'Events of the payment provider, signed' })
  async receive(
    @RawBody() body: Buffer | undefined,
    @Headers('stripe-signature') signature: string | undefined,
    @Trace() { traceparent }: Traced,
  ): Promise<{ received: true }> {
    const read = readEvent(this.stripe, body ?? Buffer.alloc(0), signature, this.secret);
    switch (read.kind) {
      case 'refused':
        throw new Problem('invalid-request', { detail: read.reason });
      case 'foreign':
        return { received: true };
      case 'event': {
        const { kind } = await this.payments.submit({ kind: 'event', ...read.event });
        if (kind === 'repeated') this.metrics.idempotency.duplicate('event');
        if (kind === 'mismatched') this.metrics.idempotency.mismatch('event');
        if (kind === 'mismatched' || kind === 'too-old') {
          const traceId = traceIdOf(traceparent);
          this.log.warn({ message: 'an event without effect', why: kind, event: read.event.id, traceId });
        }
        return { received: true };
      }
    }
  }
}
