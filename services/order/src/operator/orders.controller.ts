import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { identifier } from '@once/contracts';
import { OperatorGuard, Problem } from '@once/service-kit';
import { viewOf, type OrderView } from '../order/order.js';
import { OrderReader } from '../persistence/order-reader.js';
import type { TimelineLine } from '../read-orders/timeline.js';
import { OrderLookup } from './order-lookup.js';

@ApiTags('operator')
@ApiBearerAuth()
@Controller('operator/orders')
@UseGuards(OperatorGuard)
export class OperatorOrdersController {
  constructor(
    private readonly orders: OrderLookup,
    private readonly reader: OrderReader,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'An order of any account, with everything that happened to it' })
  async read(
    @Param('id') id: string,
  ): Promise<OrderView & { readonly account: string; readonly timeline: readonly TimelineLine[] }> {
    const order = identifier.safeParse(id).success ? await this.orders.find(id) : null;
    if (order === null) throw new Problem('not-found', { detail: 'There is no such order.' });
    return { ...viewOf(order), account: order.account, timeline: await this.reader.timeline(order.id) };
  }
}
