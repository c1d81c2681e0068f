import { Body, Controller, Get, Headers, Param, Put, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OperatorGuard, Problem } from '@once/service-kit';
import { z } from 'zod';
import { StockShelf, type StockLevel, type VersionedStock } from './stock-shelf.js';

/** Far above any real stock, and far below what a bigint and a JSON number hold. */
const AVAILABLE_MAX = 1_000_000_000;

const setStockRequest = z.strictObject({ available: z.int().min(0).max(AVAILABLE_MAX) });
type SetStockRequest = z.infer<typeof setStockRequest>;

interface HeaderReply {
  header(name: string, value: string): unknown;
}

@ApiTags('operator')
@ApiBearerAuth()
@Controller('operator/stock')
@UseGuards(OperatorGuard)
export class StockController {
  constructor(private readonly shelf: StockShelf) {}

  @Get()
  @ApiOperation({ summary: 'Where the units of every SKU are' })
  async list(): Promise<{ data: readonly StockLevel[] }> {
    return { data: await this.shelf.list() };
  }

  @Get(':sku')
  @ApiOperation({ summary: 'Where the units of an SKU are; the ETag names this state' })
  async read(@Param('sku') sku: string, @Res({ passthrough: true }) reply: HeaderReply): Promise<StockLevel> {
    return answer(await this.find(sku), reply);
  }

  @Put(':sku')
  @ApiOperation({ summary: 'Set the unreserved quantity, if nothing has moved since the ETag was read' })
  @ApiHeader({ name: 'If-Match', required: true })
  async set(
    @Param('sku') sku: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: setStockRequest }) { available }: SetStockRequest,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<StockLevel> {
    if (ifMatch === undefined) {
      throw new Problem('precondition-required', { detail: 'Send the ETag of the state you read as If-Match.' });
    }
    await this.find(sku);
    const version = versionOf(ifMatch);
    const changed = version === null ? null : await this.shelf.setAvailable(sku, available, version);
    if (changed === null) {
      throw new Problem('precondition-failed', { detail: `Units of ${sku} have moved since; read it again.` });
    }
    return answer(changed, reply);
  }

  private async find(sku: string): Promise<VersionedStock> {
    const found = await this.shelf.find(sku);
    if (found === null) throw new Problem('not-found', { detail: 'There is no such SKU.' });
    return found;
  }
}

function answer({ level, version }: VersionedStock, reply: HeaderReply): StockLevel {
  reply.header('etag', `"${version}"`);
  return level;
}

function versionOf(ifMatch: string): number | null {
  const version = /^"(\d{1,9})"$/.exec(ifMatch.trim())?.[1];
  return version === undefined ? null : Number(version);
}
