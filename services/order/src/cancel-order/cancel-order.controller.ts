import { Controller, HttpCode, Param, Post, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  fingerprintOf,
  IdempotencyInterceptor,
  OptionalIdempotencyKey,
  requestScope,
  type RequestAnswer,
} from '@once/idempotency';
import { Account, AccountGuard, Problem, RateLimitGuard, Trace, type Traced } from '@once/service-kit';
import { ApiIdempotencyKey } from '../idempotency-key.documentation.js';
import { readOrderId } from '../read-orders/order-id.js';
import { OrderExecutors } from '../persistence/order-executors.js';

@ApiTags('orders')
@ApiBearerAuth()
@Controller('orders')
@UseGuards(AccountGuard, RateLimitGuard)
export class CancelOrderController {
  constructor(private readonly executors: OrderExecutors) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @UseInterceptors(IdempotencyInterceptor)
  @ApiOperation({ summary: 'Ask for an order to be cancelled and its money to be returned; harmless when repeated' })
  @ApiIdempotencyKey({ isRequired: false })
  @ApiResponse({ status: 202, description: 'Asked for' })
  @ApiResponse({ status: 200, description: 'Already cancelled' })
  async cancel(
    @Account() account: string,
    @Param('id') id: string,
    @OptionalIdempotencyKey() key: string | null,
    @Trace() trace: Traced,
  ): Promise<RequestAnswer> {
    const orderId = readOrderId(id);
    const scope = requestScope(account, 'POST /orders/{id}/cancel', [orderId]);
    const request = key === null ? null : { scope, key, fingerprint: fingerprintOf(null) };
    const answer = await this.executors.cancelOrder.submit({ account, orderId, request, ...trace });
    if (answer.kind === 'not-found') throw new Problem('not-found', { detail: 'This account has no such order.' });
    return answer;
  }
}
