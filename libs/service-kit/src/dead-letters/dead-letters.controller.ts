import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { OperatorGuard } from '../http/operator.guard.js';
import { Problem } from '../http/problem.js';
import { invalidRequest, validate } from '../http/validate.js';
import { discardRequest, listDeadLettersRequest, type DiscardRequest } from './dead-letters.request.js';
import { DEAD_LETTERS, type DeadLetterDetail, type DeadLetters, type DeadLettersPage } from './dead-letters.js';

/** What the operator does with messages that this service has given up: look, have them handled again, or throw them away. */
@ApiTags('operator')
@ApiBearerAuth()
@Controller('operator/dead-letters')
@UseGuards(OperatorGuard)
export class DeadLettersController {
  constructor(@Inject(DEAD_LETTERS) private readonly letters: DeadLetters) {}

  @Get()
  @ApiOperation({ summary: 'Messages that this service has given up, the newest first' })
  async list(@Query() query: unknown): Promise<Omit<DeadLettersPage & { kind: 'page' }, 'kind'>> {
    const { cursor, limit } = validate(listDeadLettersRequest, query);
    const page = await this.letters.list(limit, cursor ?? null);
    if (page.kind === 'bad-cursor')
      throw invalidRequest([{ path: ['cursor'], message: 'is not a cursor of this list' }]);
    return { data: page.data, nextCursor: page.nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One dead letter with its bytes, which can be shown and not edited' })
  async show(@Param('id') id: string): Promise<object> {
    const { body, ...letter } = await this.find(id);
    return { ...letter, bytes: body.length, text: textOf(body), base64: body.toString('base64') };
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @ApiOperation({ summary: 'Have a message handled again, with the same bytes and so the same ids' })
  @ApiResponse({ status: 409, description: 'Somebody was faster' })
  async redrive(@Param('id') id: string): Promise<Outcome> {
    await this.find(id);
    if (!(await this.letters.redrive(id))) throw noLongerDead();
    return { id, outcome: 'redriven' };
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Throw a message away, with a note that says why' })
  @ApiResponse({ status: 409, description: 'Somebody was faster' })
  async discard(@Param('id') id: string, @Body({ schema: discardRequest }) { note }: DiscardRequest): Promise<Outcome> {
    await this.find(id);
    if (!(await this.letters.discard(id, note))) throw noLongerDead();
    return { id, outcome: 'discarded' };
  }

  private async find(id: string): Promise<DeadLetterDetail> {
    const found = await this.letters.find(id);
    if (found === undefined) throw new Problem('not-found', { detail: 'There is no such dead letter.' });
    return found;
  }
}

interface Outcome {
  readonly id: string;
  readonly outcome: 'redriven' | 'discarded';
}

function noLongerDead(): Problem {
  return new Problem('conflict', { detail: 'The message is no dead letter any more: it was redriven or discarded.' });
}

/** Null for bytes that are no text; poison often is not. */
function textOf(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null; // what cannot be decoded is shown in base64 only
  }
}
