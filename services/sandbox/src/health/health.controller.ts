import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import { Journal } from '../ledger/journal.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly pool: Pool,
    private readonly journal: Journal,
  ) {}

  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** Ready: its records can be read and written. The schema is in place before anybody can ask. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) response: FastifyReply): Promise<object> {
    try {
      await this.pool.query('select 1');
      if (this.journal.isFull) throw new Error('the journal is full');
      return { status: 'ok', database: 'ok' };
    } catch (error) {
      response.code(503);
      return { status: 'unavailable', database: error instanceof Error ? error.message : String(error) };
    }
  }
}
