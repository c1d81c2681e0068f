import type { Readable } from 'node:stream';
import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { validate } from '@once/service-kit';
import { z } from 'zod';
import { RecordReader, type SandboxRecord } from './record-reader.js';

const count = z
  .string()
  .regex(/^\d{1,15}$/, 'a whole number')
  .transform(Number);
const window = z
  .strictObject({ order_id: z.string().optional(), after: count.default(0), limit: count.optional() })
  .transform(({ order_id, after, limit }) => ({ orderId: order_id, after, limit }));

const LEDGER: SandboxRecord = {
  table: 'ledger_entry',
  columns: `seq, at, kind, order_id as "orderId", payment_intent as "paymentIntent", amount::float8 as amount, currency,
    idempotency_key as "idempotencyKey"`,
};

const CALLS: SandboxRecord = {
  table: 'call',
  columns: `seq, at, operation, order_id as "orderId", payment_intent as "paymentIntent",
    idempotency_key as "idempotencyKey", fingerprint, status, applied, fault`,
};

const MAILBOX: SandboxRecord = {
  table: 'mail',
  columns: `seq, at, order_id as "orderId", template, recipient as "to", subject, message_id as "messageId",
    idempotency_key as "idempotencyKey", via`,
};

const DELIVERIES: SandboxRecord = {
  table: 'delivery',
  columns: `seq, at, operation, order_id as "orderId", reference, status, error, fault`,
};

/** What happened in the outside world, for audits and for people. */
@ApiTags('records')
@ApiQuery({ name: 'order_id', required: false, description: 'of this order only' })
@ApiQuery({ name: 'after', required: false, description: 'rows behind this seq' })
@ApiQuery({ name: 'limit', required: false, description: 'at most so many; all when absent' })
@Controller('sandbox')
export class RecordsController {
  constructor(private readonly reader: RecordReader) {}

  @Get('ledger')
  @ApiOperation({ summary: 'Money that moved, oldest first' })
  @Header('content-type', 'application/json')
  ledger(@Query() query: unknown): StreamableFile {
    return this.stream(LEDGER, query);
  }

  @Get('calls')
  @ApiOperation({ summary: 'Calls to the provider, refused ones too, with the fault that hit each' })
  @Header('content-type', 'application/json')
  calls(@Query() query: unknown): StreamableFile {
    return this.stream(CALLS, query);
  }

  @Get('mailbox')
  @ApiOperation({ summary: 'Mails that were accepted' })
  @Header('content-type', 'application/json')
  mailbox(@Query() query: unknown): StreamableFile {
    return this.stream(MAILBOX, query);
  }

  /** Attempts to deliver: our webhooks, and the mails of others, with the fault that hit each. */
  @Get('deliveries')
  @ApiOperation({ summary: 'Attempts to deliver webhooks and mails, with the fault that hit each' })
  @Header('content-type', 'application/json')
  deliveries(@Query() query: unknown): StreamableFile {
    return this.stream(DELIVERIES, query);
  }

  private stream(record: SandboxRecord, query: unknown): StreamableFile {
    const rows: Readable = this.reader.read(record, validate(window, query));
    return new StreamableFile(rows, { type: 'application/json' });
  }
}
