import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FaultPlanDocument } from '../faults/fault-rule.js';
import { Faults } from '../faults/faults.js';
import { RecordReader } from '../ledger/record-reader.js';

export interface Summary {
  /** Number of the newest row of each record. */
  readonly ledger: number;
  readonly calls: number;
  readonly mailbox: number;
  readonly deliveries: number;
  readonly faults: FaultPlanDocument;
  /** How often each rule has struck. */
  readonly strikes: readonly number[];
}

/** How far the records have got, so that a reader can begin at their end. */
@ApiTags('records')
@Controller('sandbox/summary')
export class SummaryController {
  constructor(
    private readonly reader: RecordReader,
    private readonly faults: Faults,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How far the records have got, and how often each fault has struck' })
  async read(): Promise<Summary> {
    const { document, strikes } = this.faults.plan;
    return { ...(await this.reader.newest()), faults: document, strikes };
  }
}
