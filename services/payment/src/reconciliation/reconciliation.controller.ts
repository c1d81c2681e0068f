import { Body, Controller, Get, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OperatorGuard, Problem, validate } from '@once/service-kit';
import { z } from 'zod';
import type { ReconciliationReport } from './reconciler.js';
import { Reconciliation } from './reconciliation.js';
import type { OpenDrift } from './reconciliation-store.js';

/** Ten years of hours: as far back as any window may reach. */
const HOURS_MAX = 87_600;

const reconcileRequest = z.strictObject({ hours: z.number().positive().max(HOURS_MAX).optional() });

/** What the operator does about our books and the provider's: look where they differ, and compare them now. */
@ApiTags('operator')
@ApiBearerAuth()
@Controller('operator/reconciliation')
@UseGuards(OperatorGuard)
export class ReconciliationController {
  constructor(private readonly reconciliation: Reconciliation) {}

  @Get()
  @ApiOperation({ summary: "Where our books and the provider's differ, as far as is known" })
  async open(): Promise<{ data: readonly OpenDrift[] }> {
    return { data: await this.reconciliation.openDrifts() };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Compare the books with what the provider has, over the last hours' })
  async run(@Body() body: unknown): Promise<ReconciliationReport> {
    const { hours } = validate(reconcileRequest, body);
    const windowMs = hours === undefined ? undefined : hours * 3_600_000;
    try {
      return await this.reconciliation.run(this.reconciliation.lastWindow(windowMs));
    } catch (cause) {
      // The provider's refusal of our key must not look like our refusal of the operator's.
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Problem('unavailable', { detail: `The books could not be compared: ${why}`, cause });
    }
  }
}
