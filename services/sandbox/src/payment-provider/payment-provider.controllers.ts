import { All, Controller, Get, Injectable, NotFoundException, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '../faults/fault-rule.js';
import { Connections } from '../http/connection.js';
import { PaymentProvider } from './payment-provider.js';
import { readProviderCall } from './provider-call.js';
import { StripeErrorFilter } from './stripe-error.filter.js';

/** Hands a request to the provider and its reply to the connection. Decorated, so that Nest knows what it depends on. */
@Injectable()
abstract class ProviderRoutes {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly connections: Connections,
  ) {}

  protected async pass(
    operation: Operation,
    request: FastifyRequest,
    response: FastifyReply,
    pathId: string | null = null,
  ): Promise<void> {
    const call = readProviderCall(operation, {
      method: request.method === 'GET' ? 'GET' : 'POST',
      path: request.url.split('?', 1)[0] ?? '',
      parameters: request.method === 'GET' ? request.query : (request.body ?? {}),
      pathId,
      authorization: request.headers.authorization,
      idempotencyKey: textOf(request.headers['idempotency-key']),
    });
    this.connections.send(await this.provider.handle(call), response);
  }
}

@ApiTags('provider')
@UseFilters(StripeErrorFilter)
@Controller('v1/payment_intents')
export class PaymentIntentsController extends ProviderRoutes {
  @Post()
  create(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.create', request, response);
  }

  @Get()
  list(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.list', request, response);
  }

  @Get('search')
  search(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.search', request, response);
  }

  @Get(':id')
  retrieve(@Param('id') id: string, @Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.retrieve', request, response, id);
  }

  @Post(':id/confirm')
  confirm(@Param('id') id: string, @Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.confirm', request, response, id);
  }

  @Post(':id/capture')
  capture(@Param('id') id: string, @Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.capture', request, response, id);
  }

  @Post(':id/cancel')
  cancel(@Param('id') id: string, @Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('payment_intents.cancel', request, response, id);
  }
}

@ApiTags('provider')
@UseFilters(StripeErrorFilter)
@Controller('v1/refunds')
export class RefundsController extends ProviderRoutes {
  @Post()
  create(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('refunds.create', request, response);
  }

  @Get()
  list(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('refunds.list', request, response);
  }
}

@ApiTags('provider')
@UseFilters(StripeErrorFilter)
@Controller('v1/events')
export class EventsController extends ProviderRoutes {
  @Get()
  list(@Req() request: FastifyRequest, @Res() response: FastifyReply): Promise<void> {
    return this.pass('events.list', request, response);
  }
}

/** What Stripe has and we do not. */
@ApiExcludeController()
@UseFilters(StripeErrorFilter)
@Controller('v1')
export class UnknownRoutesController {
  @All('*')
  refuse(@Req() { method, url }: FastifyRequest): never {
    throw new NotFoundException(`Unrecognized request URL (${method}: ${url}).`);
  }
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(',') : header;
