import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { validate } from '@once/service-kit';
import { faultPlanDocument, type FaultPlanDocument } from './fault-rule.js';
import { Faults, NO_FAULTS } from './faults.js';

/** Faults on demand. */
@Controller('sandbox/faults')
export class FaultsController {
  constructor(private readonly faults: Faults) {}

  @Get()
  read(): FaultPlanDocument {
    return this.faults.plan.document;
  }

  /** Replaces all rules and answers what is in force now. */
  @Put()
  replace(@Body() body: unknown): Promise<FaultPlanDocument> {
    return this.faults.replace(validate(faultPlanDocument, body));
  }

  @Delete()
  clear(): Promise<FaultPlanDocument> {
    return this.faults.replace(NO_FAULTS);
  }
}
