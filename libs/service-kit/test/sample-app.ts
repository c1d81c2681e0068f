import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Module,
  Post,
  RawBody,
  UseGuards,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { Account } from '../src/http/account.decorator.js';
import { AccountGuard } from '../src/http/account.guard.js';
import { AccountsModule } from '../src/http/accounts.module.js';
import { createHttpApp, type HttpAppOptions } from '../src/http/create-http-app.js';
import { OperatorGuard } from '../src/http/operator.guard.js';
import { Trace } from '../src/http/trace.decorator.js';
import { validate } from '../src/http/validate.js';
import type { Traced } from '../src/tracing/traced.js';

const mug = z.strictObject({ colour: z.string().min(1), size: z.int().min(1) });

/** Holds requests, and the shutdown if asked to, until the test opens it. */
export class Gate implements BeforeApplicationShutdown {
  holdsShutdown = false;
  private readonly waiting: (() => void)[] = [];

  get visitors(): number {
    return this.waiting.length;
  }

  async pass(): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  open(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.holdsShutdown) await this.pass();
  }
}

@Controller()
class SampleController {
  constructor(@Inject(Gate) private readonly gate: Gate) {}

  @Post('mugs')
  @HttpCode(202)
  make(@Body() body: unknown): unknown {
    return validate(mug, body);
  }

  @Post('mugs/declared')
  makeDeclared(@Body({ schema: mug }) body: z.infer<typeof mug>): unknown {
    return body;
  }

  @Post('raw')
  raw(@RawBody() raw: Buffer): { bytes: number } {
    return { bytes: raw.length };
  }

  @Post('large')
  @RouteConfig({ bodyLimit: 300_000 })
  large(@RawBody() raw: Buffer): { bytes: number } {
    return { bytes: raw.length };
  }

  @Post('small')
  @RouteConfig({ bodyLimit: 20 })
  small(): string {
    return 'ok';
  }

  @Get('mine')
  @UseGuards(AccountGuard)
  mine(@Account() account: string): { account: string } {
    return { account };
  }

  @Get('operator/only')
  @UseGuards(OperatorGuard)
  onlyOperator(): string {
    return 'ok';
  }

  @Get('traced')
  traced(@Trace() trace: Traced): Traced {
    return trace;
  }

  @Get('lost-database')
  loseDatabase(): never {
    throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
  }

  @Get('broken')
  break(): never {
    throw new Error('secret inside');
  }

  @Get('slow')
  async slow(): Promise<{ done: true }> {
    await this.gate.pass();
    return { done: true };
  }
}

@Module({
  imports: [AccountsModule.forRoot({ apiKeys: [{ account: 'demo', key: 'sk_demo' }], operatorKey: 'op_demo' })],
  controllers: [SampleController],
  providers: [Gate],
})
class SampleModule {}

export const createSampleApp = (options: Partial<HttpAppOptions> = {}): Promise<NestFastifyApplication> =>
  createHttpApp(SampleModule, { service: 'sample', logger: false, ...options });
