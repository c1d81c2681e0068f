import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Inject,
  Injectable,
  Scope,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { of, tap, type Observable } from 'rxjs';
import { z } from 'zod';
import { eventually } from '@once/testing';
import {
  DeliveryContext,
  done,
  MessageController,
  OnMessage,
  type RabbitMqTransportOptions,
  type Verdict,
} from '../src/index.js';
import { bodyOf, failedDeliveries, outgoing } from './support.js';
import { Script, TransportBench } from './transport-support.js';

const seen: unknown[] = [];

@Injectable()
class OnlyPaid implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const delivery = context.switchToRpc().getContext<DeliveryContext>();
    return delivery.envelope.sagaId !== 'unpaid';
  }
}

@Injectable()
class Watch implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(tap((verdict) => seen.push(verdict)));
  }
}

@MessageController()
class GoodController {
  constructor(private readonly script: Script) {}

  @OnMessage('test.validated')
  validated(
    @Payload({ schema: z.object({ amount: z.int().positive() }) }) payload: { amount: number },
  ): Promise<Verdict> {
    seen.push(payload);
    return Promise.resolve(done);
  }

  @OnMessage('test.guarded')
  @UseGuards(OnlyPaid)
  @UseInterceptors(Watch)
  guarded(@Payload() _payload: unknown, @Ctx() delivery: DeliveryContext): Promise<Verdict> {
    return this.script.run(delivery);
  }

  @OnMessage('test.observable')
  observable(): Observable<Verdict> {
    seen.push('observable');
    return of(done);
  }

  @OnMessage('test.forgetful')
  forgetful(): Promise<void> {
    return Promise.resolve();
  }
}

@MessageController()
class TwinController {
  @OnMessage('test.validated')
  again(): Promise<Verdict> {
    return Promise.resolve(done);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerMessage {
  constructor(@Inject(REQUEST) readonly request: { readonly context: unknown }) {}
}

@MessageController()
class ScopedController {
  constructor(private readonly perMessage: PerMessage) {}

  @OnMessage('test.scoped')
  scoped(): Promise<Verdict> {
    seen.push(this.perMessage.request.context instanceof DeliveryContext);
    return Promise.resolve(done);
  }
}

describe('handlers in Nest', () => {
  let bench: TransportBench;

  beforeAll(async () => {
    bench = await TransportBench.open();
  });
  beforeEach(async () => {
    seen.length = 0;
    await bench.start({}, undefined, undefined, [GoodController, ScopedController], [PerMessage]);
    await bench.untilUp();
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.close());

  const send = (type: string, payload: unknown, sagaId: string | null = null): void =>
    bench.send(bodyOf(outgoing({ type, payload, sagaId })));

  it('get a payload that matches their schema, without what the schema does not know', async () => {
    send('test.validated', { amount: 1200, coupon: 'new field' });
    await eventually(() => expect(seen).toEqual([{ amount: 1200 }]));
  });

  it.each([{ amount: -1 }, { amount: '1' }, null, [], 'text'])(
    'never see the payload %j that does not',
    async (payload) => {
      send('test.validated', payload);
      await eventually(async () => {
        const [row] = await failedDeliveries(bench.session);
        expect(row?.reason).toMatch(/^The payload is not valid/);
        expect(row?.dead_lettered_at).toBeInstanceOf(Date);
      });
      expect(seen).toEqual([]);
    },
  );

  it('may have guards and interceptors', async () => {
    send('test.guarded', {}, 'paid');
    send('test.guarded', {}, 'unpaid');
    await eventually(async () => expect(await failedDeliveries(bench.session)).toMatchObject([{ saga_id: 'unpaid' }]));
    await eventually(() => expect(seen).toEqual([done]));
    expect(bench.script.deliveries.map(({ envelope }) => envelope.sagaId)).toEqual(['paid']);
  });

  it("get the trace of their handling: the sender's, unless the service begins one", async () => {
    const traceIn = async (options: Partial<RabbitMqTransportOptions>): Promise<unknown> => {
      await bench.start(options);
      await bench.untilUp();
      bench.send(bodyOf(outgoing({ traceparent: 'of the sender' })));
      await eventually(() => expect(bench.script.deliveries).toHaveLength(1));
      return bench.script.deliveries[0]?.trace;
    };
    expect(await traceIn({})).toEqual({ traceparent: 'of the sender' });
    const begun = await traceIn({ around: ({ traceparent }, handle) => handle(`a child ${traceparent}`) });
    expect(begun).toEqual({ traceparent: 'a child of the sender' });
  });

  it('may answer with an observable', async () => {
    send('test.observable', {});
    await eventually(() => expect(seen).toEqual(['observable']));
    await bench.stop();
    expect(await failedDeliveries(bench.session)).toEqual([]);
  });

  it('may depend on providers of the message', async () => {
    send('test.scoped', {});
    await eventually(() => expect(seen).toEqual([true]));
  });

  it('that return no verdict make a dead letter, for nobody knows what they did', async () => {
    send('test.forgetful', {});
    await eventually(async () =>
      expect(await failedDeliveries(bench.session)).toMatchObject([
        { reason: 'the handler of test.forgetful returned no verdict', next_attempt_at: null },
      ]),
    );
  });

  it('are refused at the start when two claim one type', async () => {
    await expect(bench.start({}, undefined, undefined, [GoodController, TwinController])).rejects.toThrow(
      'More than one handler is registered for messages of type and version test.validated v1.',
    );
  });
});
