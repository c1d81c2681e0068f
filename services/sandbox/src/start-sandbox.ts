import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { portOf } from './http/port-of.js';
import { ProblemFilter } from './http/problem.filter.js';
import { openOutsideWorld, type OpenOptions } from './outside-world.js';
import { SandboxModule } from './sandbox.module.js';
import type { SandboxSettings } from './settings.js';

export interface RunningSandbox {
  readonly url: string;
  readonly smtpPort: number;
  /** Finishes what is under way, lets go of callers that are held on purpose, and leaves everything on disk. */
  stop(): Promise<void>;
}

/** Opens the world and its two doors, HTTP and SMTP. */
export async function startSandbox(settings: SandboxSettings, options: OpenOptions): Promise<RunningSandbox> {
  const outside = await openOutsideWorld(settings, options);
  const adapter = new FastifyAdapter({ bodyLimit: 256 * 1_024, keepAliveTimeout: 65_000 });
  const app = await NestFactory.create<NestFastifyApplication>(SandboxModule.of(outside), adapter, {
    logger: ['error', 'warn'],
    return503OnClosing: true,
  });
  app.useGlobalFilters(new ProblemFilter());
  await app.listen(settings.port, settings.host);
  const smtpPort = await outside.mailServer.listen(settings.smtpPort, settings.host);

  const stop = async (): Promise<void> => {
    outside.connections.releaseAll();
    await app.close();
    await outside.close();
  };
  const port = portOf(app.getHttpServer());
  return { url: `http://${settings.host}:${port}`, smtpPort, stop };
}
