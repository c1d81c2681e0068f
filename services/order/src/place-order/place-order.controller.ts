import { Body, Controller, HttpCode, Post, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  fingerprintOf,
  IdempotencyInterceptor,
  IdempotencyKey,
  requestScope,
  type RequestAnswer,
} from '@once/idempotency';
import { OutboxGauge } from '@once/messaging';
import { Account, AccountGuard, Problem, RateLimitGuard, Trace, type Traced } from '@once/service-kit';
import { ApiIdempotencyKey } from '../idempotency-key.documentation.js';
import { OrderExecutors } from '../persistence/order-executors.js';
import { placeOrderRequest, type PlaceOrderRequest } from './place-order.request.js';

@ApiTags('orders')
@ApiBearerAuth()
@Controller('orders')
@UseGuards(AccountGuard, RateLimitGuard)
export class PlaceOrderController {
  constructor(
    private readonly executors: OrderExecutors,
    private readonly outbox: OutboxGauge,
  ) {}

  @Post()
  @HttpCode(202)
  @UseInterceptors(IdempotencyInterceptor)
  @ApiOperation({ summary: 'Place an order; the same key always gets the same answer' })
  @ApiIdempotencyKey({ isRequired: true })
  @ApiResponse({ status: 202, description: 'Accepted, or cancelled at once for lack of stock' })
  async place(
    @Account() account: string,
    @IdempotencyKey() key: string,
    @Body({ schema: placeOrderRequest }) body: PlaceOrderRequest,
    @Trace() trace: Traced,
  ): Promise<RequestAnswer> {
    const request = { scope: requestScope(account, 'POST /orders'), key, fingerprint: fingerprintOf(body) };
    const answer = await this.executors.placeOrder.submit({
      account,
      request,
      body,
      isOutboxFull: this.outbox.isFull(),
      ...trace,
    });
    if (answer.kind === 'unknown-sku') throw unknownSku(answer.indexes);
    if (answer.kind === 'mixed-currencies') throw mixedCurrencies(answer.indexes);
    if (answer.kind === 'overloaded') throw overloaded();
    return answer;
  }
}

/** The outbox holds what it may. Repeats of accepted orders are answered as ever, and nothing that was accepted is lost. */
function overloaded(): Problem {
  return new Problem('unavailable', {
    detail: 'Too many orders wait for the message broker; this one was not accepted.',
    headers: { 'Retry-After': '5' },
  });
}

function mixedCurrencies(indexes: readonly number[]): Problem {
  const message = 'is sold in another currency than items[0]';
  const errors = indexes.map((index) => ({ field: `items[${index}].sku`, message }));
  return new Problem('invalid-request', { detail: 'An order is paid in one currency.', extra: { errors } });
}

function unknownSku(indexes: readonly number[]): Problem {
  const errors = indexes.map((index) => ({ field: `items[${index}].sku`, message: 'is not sold here' }));
  return new Problem('unknown-sku', { detail: 'The order names an SKU that is not sold here.', extra: { errors } });
}
