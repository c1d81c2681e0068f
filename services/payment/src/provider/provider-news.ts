import type { Logger } from '@nestjs/common';
import type { Metrics } from '@once/service-kit';
import type { ProviderNews } from './guarded-client.js';

/** Logs and counts what happens to the provider as a whole. No order is decided by it, and an operator should know of it. */
export function providerNews(metrics: Metrics, log: Logger): (news: ProviderNews) => void {
  const isDown = metrics.gauge({ name: 'provider_down', help: '1 while the provider is not asked because it is down' });
  const refusals = metrics.counter({ name: 'provider_key_refused_total', help: 'Calls that our key was refused for' });
  return (news) => {
    switch (news.kind) {
      case 'down':
        isDown.set(1);
        return log.warn({ message: 'the provider is down; until it is back, one request at a time is sent' });
      case 'back':
        isDown.set(0);
        return log.log({ message: 'the provider is back' });
      case 'key-refused':
        refusals.inc();
        return log.error({ message: 'the provider refuses our key; orders wait until it is mended', ...news });
    }
  };
}
