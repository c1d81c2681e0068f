import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { validate } from '@once/service-kit';
import { faultPlanDocument, type FaultPlanDocument } from './fault-rule.js';
import { Faults, NO_FAULTS } from './faults.js';

/** Faults on demand. */
@ApiTags('faults')
@Controller('sandbox/faults')
export class FaultsController {
  constructor(private readonly faults: Faults) {}

  @Get()
  @ApiOperation({ summary: 'The faults in force' })
  read(): FaultPlanDocument {
    return this.faults.plan.document;
  }

  /** Replaces all rules and answers what is in force now. */
  @Put()
  @ApiOperation({ summary: 'Replace all faults' })
  replace(@Body() body: unknown): Promise<FaultPlanDocument> {
    return this.faults.replace(validate(faultPlanDocument, body));
  }

  @Delete()
  @ApiOperation({ summary: 'Clear all faults' })
  clear(): Promise<FaultPlanDocument> {
    return this.faults.replace(NO_FAULTS);
  }
}
