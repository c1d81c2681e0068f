import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { identifier } from '@once/contracts';
import type { Resolution } from '@once/saga';
import { OperatorGuard, Problem, Trace, validate, type Traced } from '@once/service-kit';
import { OrderExecutors } from '../persistence/order-executors.js';
import { NOT_ASKED } from './learned.js';
import { PaymentQuestion } from './payment-question.js';
import { pageOf, type Page } from '../read-orders/page.request.js';
import { listSagasRequest } from './list-sagas.request.js';
import { resolveSagaRequest, type ResolveSagaRequest } from './resolve-saga.request.js';
import { SagaReader } from './saga-reader.js';
import { sagaViewOf, type SagaView, type StoredSaga } from './saga-view.js';

const RESOLUTIONS: Readonly<Record<ResolveSagaRequest['resolution'], Resolution>> = {
  applied: 'applied',
  not_applied: 'not-applied',
  retry: 'retry',
};

@ApiTags('operator')
@ApiBearerAuth()
@Controller('operator/sagas')
@UseGuards(OperatorGuard)
export class SagasController {
  constructor(
    private readonly sagas: SagaReader,
    private readonly executors: OrderExecutors,
    private readonly question: PaymentQuestion,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Sagas, the oldest first; status=parked lists those that need an answer, with the money at stake',
  })
  async list(@Query() query: unknown): Promise<Page<SagaView>> {
    const { status, cursor, limit } = validate(listSagasRequest, query);
    const found = await this.sagas.list({ status: status ?? null, after: cursor ?? null, limit: limit + 1 });
    return pageOf(found.map(sagaViewOf), limit);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One saga; what happened to it is in the timeline of its order' })
  async read(@Param('id') id: string): Promise<SagaView> {
    return sagaViewOf(await this.find(id));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide a parked saga, or have its participant asked again' })
  @ApiResponse({
    status: 200,
    description: 'The saga as it stands now; what the payment service said before is in the timeline of its order',
  })
  @ApiResponse({ status: 409, description: 'It is not parked, or the payment service has said otherwise' })
  async resolve(
    @Param('id') id: string,
    @Body({ schema: resolveSagaRequest }) { resolution, note }: ResolveSagaRequest,
    @Trace() trace: Traced,
  ): Promise<SagaView> {
    const found = await this.find(id);
    const learned = resolution === 'retry' ? NOT_ASKED : await this.question.ask(found, trace);
    const { saga } = found;
    const answer = await this.executors.resolveSaga.submit({
      orderId: saga.subjectId,
      sagaId: saga.id,
      resolution: RESOLUTIONS[resolution],
      note,
      learned,
      ...trace,
    });
    if (answer.kind === 'conflict') throw new Problem('conflict', { detail: answer.why });
    return sagaViewOf(await this.find(id));
  }

  private async find(id: string): Promise<StoredSaga> {
    const found = identifier.safeParse(id).success ? await this.sagas.find(id) : null;
    if (found === null) throw new Problem('not-found', { detail: 'There is no such saga.' });
    return found;
  }
}
