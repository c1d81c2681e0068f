import {
  BadRequestException,
  Body,
  Controller,
  Headers,
  HttpCode,
  Inject,
  Module,
  Param,
  Post,
  UseInterceptors,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  AtomicExecutor,
  classifyPostgresError,
  fingerprintOf,
  IdempotencyInterceptor,
  IdempotencyKey,
  IdempotencyProblemFilter,
  OptionalIdempotencyKey,
  requestScope,
  type RequestAnswer,
} from '../src/index.js';
import { DepositRequests, type DepositRequest } from './deposit-requests.js';

const DEPOSITS = Symbol('deposits');
type Executor = AtomicExecutor<DepositRequest, unknown, unknown, RequestAnswer>;

@Controller('accounts/:account')
@UseInterceptors(IdempotencyInterceptor)
class DepositsController {
  constructor(@Inject(DEPOSITS) private readonly deposits: Executor) {}

  @Post('deposits')
  @HttpCode(201)
  make(
    @Headers('authorization') caller: string,
    @Param('account') account: string,
    @IdempotencyKey() key: string,
    @Body() body: { amount?: unknown; note?: string },
  ): Promise<RequestAnswer> {
    const { amount, note = '' } = body;
    if (typeof amount !== 'number') throw new BadRequestException('amount is not a number');
    const scope = requestScope(caller, 'POST /accounts/{account}/deposits', [account]);
    return this.deposits.submit({ scope, key, fingerprint: fingerprintOf({ amount, note }), amount, note });
  }

  /** Harmless when repeated, so that a key is welcome and not needed. */
  @Post('close')
  @HttpCode(202)
  close(@Param('account') account: string, @OptionalIdempotencyKey() key: string | null): RequestAnswer {
    const response = { status: 200, headers: { etag: '"1"' }, body: JSON.stringify({ account, key }) };
    return { kind: 'response', response, isReplay: false };
  }
}

@Module({})
class DepositsModule {
  static of(deposits: Executor): DynamicModule {
    return {
      module: DepositsModule,
      controllers: [DepositsController],
      providers: [
        { provide: DEPOSITS, useValue: deposits },
        { provide: APP_FILTER, useClass: IdempotencyProblemFilter },
      ],
    };
  }
}

const ADAPTERS = { Fastify: FastifyAdapter, Express: ExpressAdapter } as const;
export type AdapterName = keyof typeof ADAPTERS;

/** The smallest application with a request door, listening on a port of its own. */
export async function openDepositsApp(
  work: DepositRequests,
  waitMs: number,
  adapter: AdapterName,
): Promise<INestApplication> {
  const deposits = new AtomicExecutor(work, { batchMax: 50, waitMs, classify: classifyPostgresError });
  const app = await NestFactory.create(DepositsModule.of(deposits), new ADAPTERS[adapter](), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}
