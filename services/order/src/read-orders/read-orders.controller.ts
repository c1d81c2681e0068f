import { Controller, Get, Header, Headers, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Account, AccountGuard, Problem, RateLimitGuard, validate } from '@once/service-kit';
import { readOrderId } from './order-id.js';
import { viewOf, type Order, type OrderView } from '../order/order.js';
import { OrderReader } from '../persistence/order-reader.js';
import { listOrdersRequest } from './list-orders.request.js';
import { pageOf, type Page } from './page.request.js';
import { renderTimeline, type TimelineLine } from './timeline.js';

interface TypedReply {
  type(contentType: string): unknown;
}

@ApiTags('orders')
@ApiBearerAuth()
@Controller('orders')
@UseGuards(AccountGuard, RateLimitGuard)
export class ReadOrdersController {
  constructor(private readonly orders: OrderReader) {}

  @Get()
  @ApiOperation({ summary: 'The orders of this account, newest first' })
  async list(@Account() account: string, @Query() query: unknown): Promise<Page<OrderView>> {
    const { status, cursor, limit } = validate(listOrdersRequest, query);
    const found = await this.orders.list({ account, status: status ?? null, before: cursor ?? null, limit: limit + 1 });
    return pageOf(found.map(viewOf), limit);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One order, live' })
  async read(@Account() account: string, @Param('id') id: string): Promise<OrderView> {
    return viewOf(await this.find(account, id));
  }

  @Get(':id/timeline')
  @Header('Vary', 'Accept')
  @ApiOperation({ summary: 'What happened to an order, step by step; text/plain for a terminal' })
  async timeline(
    @Account() account: string,
    @Param('id') id: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: TypedReply,
  ): Promise<{ data: readonly TimelineLine[] } | string> {
    const order = await this.find(account, id);
    const data = await this.orders.timeline(order.id);
    if (accept?.startsWith('text/plain') !== true) return { data };
    reply.type('text/plain; charset=utf-8');
    return renderTimeline(data);
  }

  private async find(account: string, id: string): Promise<Order> {
    const order = await this.orders.find(account, readOrderId(id));
    if (order === null) throw new Problem('not-found', { detail: 'This account has no such order.' });
    return order;
  }
}
