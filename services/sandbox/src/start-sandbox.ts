import { Logger } from '@nestjs/common';
import { createHttpApp, HealthRegistry, listenHttp, type RunningService, type StartContext } from '@once/service-kit';
import { openOutsideWorld } from './outside-world.js';
import { SandboxModule } from './sandbox.module.js';

export const SANDBOX_SETTINGS = ['DATABASE_URL', 'PAYMENT_WEBHOOK_SECRET', 'SANDBOX_WEBHOOK_URL', 'SMTP_PORT'] as const;

export interface RunningSandbox extends RunningService {
  readonly smtpPort: number;
}

/** Opens the outside world and its two doors, HTTP and SMTP. */
export async function startSandbox({
  settings,
  logger,
  metrics,
}: StartContext<(typeof SANDBOX_SETTINGS)[number]>): Promise<RunningSandbox> {
  const logs = new Logger('outside world');
  const outside = await openOutsideWorld({
    databaseUrl: settings.databaseUrl,
    webhookUrl: settings.sandboxWebhookUrl,
    webhookSecret: settings.paymentWebhookSecret,
    log: (message) => logs.warn(message),
    onBroken: endProcess,
  });
  const app = await createHttpApp(SandboxModule.of(outside), {
    service: 'sandbox',
    logger,
    metrics,
    bodyTypes: ['application/json', 'application/x-www-form-urlencoded'],
  });
  app.get(HealthRegistry).register({ name: 'database', decidesReadiness: true, check: () => outside.check() });
  const url = await listenHttp(app, settings);
  const smtpPort = await outside.mailServer.listen(settings.smtpPort, settings.host);

  return {
    url,
    smtpPort,
    stop: async () => {
      outside.patience.lose();
      outside.connections.releaseAll();
      await app.close();
      await outside.close();
    },
  };
}

/** Memory is ahead of the disk and must not be believed: whoever starts us again reads the truth. Nobody catches this. */
function endProcess(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}
