import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Inject, Module, Post, UseInterceptors } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  AtomicExecutor,
  classifyPostgresError,
  CreateIdempotencyRecord1700000000010,
  decideRequest,
  fingerprintOf,
  freeMembers,
  IdempotencyInterceptor,
  IdempotencyKey,
  IdempotencyProblemFilter,
  insertRecords,
  recordOf,
  requestScope,
  rowsOf,
  type AtomicWork,
  type Decision,
  type IdempotencyRecord,
  type IdentifiedRequest,
  type NewRecord,
  type RequestAnswer,
} from '@once/idempotency';
import { DataSource } from 'typeorm';

interface ChargeInput {
  readonly request: IdentifiedRequest;
  readonly amount: number;
}

/** What one statement commits for one request, wholly or not at all. */
interface ChargeChange {
  readonly charge: { readonly id: string; readonly amount: number };
  readonly records: readonly NewRecord[];
}

const DAY_MS = 86_400_000;

/** load → decide → commit: two statements for all requests that wait. */
class Charges implements AtomicWork<ChargeInput, IdempotencyRecord | null, ChargeChange, RequestAnswer> {
  constructor(private readonly database: DataSource) {}

  subjects({ request }: ChargeInput): readonly string[] {
    return [`${request.scope}\n${request.key}`];
  }

  async load(inputs: readonly ChargeInput[]): Promise<readonly (IdempotencyRecord | null)[]> {
    const members = inputs.map(({ request }, no) => ({ no, scope: request.scope, key: request.key }));
    const result = await this.database.query(
      `select ${recordOf('m.scope', 'm.key')} as record
         from jsonb_to_recordset($1::jsonb) as m(no int, scope text, key text)
        order by m.no`,
      [JSON.stringify(members)],
    );
    return rowsOf<{ record: IdempotencyRecord | null }>(result).map(({ record }) => record);
  }

  decide(record: IdempotencyRecord | null, { request, amount }: ChargeInput): Decision<ChargeChange, RequestAnswer> {
    return decideRequest(record, request, DAY_MS, {
      perform: () => {
        const charge = { id: randomUUID(), amount };
        const headers = { 'content-type': 'application/json', location: `/charges/${charge.id}` };
        return {
          subject: charge.id,
          response: { status: 201, headers, body: JSON.stringify(charge) },
          change: (newRecord) => ({ charge, records: [newRecord] }),
        };
      },
    });
  }

  async commit(changes: readonly ChargeChange[]): Promise<ReadonlySet<number>> {
    const members = changes.map((change, no) => ({ no, ...change }));
    const result = await this.database.query(
      `with member as (select * from jsonb_to_recordset($1::jsonb) as m(no int, charge jsonb, records jsonb)),
            free as (${freeMembers('member')}),
            charged as (
              insert into charge (id, amount) select (m.charge->>'id')::uuid, (m.charge->>'amount')::int from free m),
            recorded as (${insertRecords('free')})
       select no from free`,
      [JSON.stringify(members)],
    );
    return new Set(rowsOf<{ no: number }>(result).map(({ no }) => no));
  }
}

@Controller('charges')
class ChargesController {
  constructor(
    @Inject(AtomicExecutor) private readonly charges: AtomicExecutor<ChargeInput, unknown, unknown, RequestAnswer>,
  ) {}

  @Post()
  @UseInterceptors(IdempotencyInterceptor)
  charge(@IdempotencyKey() key: string, @Body() body: { amount: number }): Promise<RequestAnswer> {
    const { amount } = body; // validate it here: what is refused before submit() is not stored
    const scope = requestScope('account-1', 'POST /charges'); // the account that the caller has proven to be
    return this.charges.submit({ request: { scope, key, fingerprint: fingerprintOf({ amount }) }, amount });
  }
}

const database = await new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'] ?? 'postgres://localhost/charges',
  migrations: [CreateIdempotencyRecord1700000000010],
}).initialize();
await database.runMigrations();
await database.query('create table if not exists charge (id uuid primary key, amount int not null)');

const charges = new AtomicExecutor(new Charges(database), {
  batchMax: 50,
  waitMs: 1_000,
  classify: classifyPostgresError,
});

@Module({
  controllers: [ChargesController],
  providers: [
    { provide: AtomicExecutor, useValue: charges },
    { provide: APP_FILTER, useClass: IdempotencyProblemFilter },
  ],
})
class ChargesModule {}

const app = await NestFactory.create(ChargesModule, new FastifyAdapter());
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
