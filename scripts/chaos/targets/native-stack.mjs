/**
 * A whole system of the run's own: databases, broker, two replicas of every service, the world outside. It has a home and
 * ports of its own, windows of seconds instead of minutes, and a supervisor that starts again whatever ends.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp } from '../../launcher/launch.mjs';
import { claimHome, ProcessList, releaseHome } from '../../launcher/home.mjs';
import { offsetsOf, readSettings } from '../../launcher/settings.mjs';
import { Supervisor } from '../../launcher/supervisor.mjs';
import { LaunchError } from '../../lib/errors.mjs';
import { findFreePortBase } from '../../lib/ports.mjs';
import { Links } from './links.mjs';
import { ProcessTarget } from './process-target.mjs';
import { WINDOWS } from './windows.mjs';

export const REPLICAS = 2;

/** A replica that was killed often must still be back before the next thing happens. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * @param {{ home: string, report: (line: string) => void, entries?: Record<string, string>, environment?: Record<string, string>,
 *           hasProxies?: boolean }} options
 *   `entries`: another entry point of a service, by the service's name; `environment`: settings over those of the run;
 *   `hasProxies`: one in every link, which costs this process the whole traffic of the system
 */
export const startNativeStack = async ({ home, report, entries = {}, environment = {}, hasProxies = false }) => {
  const portBase = await findFreePortBase(offsetsOf(REPLICAS));
  const settings = readSettings([], {
    ONCE_HOME: home,
    ONCE_PORT_BASE: String(portBase),
    ONCE_REPLICAS: String(REPLICAS),
  });
  if (await claimHome(home)) throw new LaunchError(`Another run uses ${home}.`);
  mkdirSync(settings.logs, { recursive: true });

  const outside = {
    PAYMENT_PROVIDER_URL: process.env.PAYMENT_PROVIDER_URL || `http://127.0.0.1:${settings.ports.sandbox}`,
    SMTP_URL: `smtp://127.0.0.1:${settings.ports.smtp}`,
  };
  const supervisor = new Supervisor({
    processList: new ProcessList(home),
    report: () => {}, // what ends and starts again is the run's own story
    longestPauseMs: LONGEST_PAUSE_MS,
  });
  const links = hasProxies ? new Links() : undefined;
  const stop = async () => {
    await supervisor.stop();
    await links?.close();
    releaseHome(home);
    for (const data of ['postgres', 'rabbitmq']) rmSync(join(home, data), { recursive: true, force: true });
  };
  try {
    await bringUp(settings, supervisor, report, async (service, servers) => ({
      ...service,
      environment: { ...WINDOWS, ...environment, ...(await links?.environmentOf(service, { ...servers, outside })) },
      ...(entries[service.name] && { entry: entries[service.name] }),
    }));
  } catch (error) {
    await stop();
    throw error;
  }
  const target = new ProcessTarget({ home, ports: settings.ports, replicas: REPLICAS, links, stop });
  if (!links) return target;
  target.customerUrls = await Promise.all(
    target.replicas.filter(({ service }) => service === 'order').map(({ label, url }) => links.customersTo(label, url)),
  );
  return target;
};
