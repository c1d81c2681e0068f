/**
 * What Once is measured beside, in one process each, against the same outside world: DBOS Transact doing the same business
 * work, and the calls of that work alone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { findFreePorts } from '../lib/ports.mjs';
import { repository } from '../lib/paths.mjs';
import { run, spawnDaemon } from '../lib/processes.mjs';
import { Outside } from './outside.mjs';
import { Scaffold } from './scaffold.mjs';

const peers = join(repository, 'load-tests/bench/peers/dbos');
const READY_WITHIN_MS = 60_000;

/** What npm ci would do again every time is done once. */
export const installPeers = async (report) => {
  if (existsSync(join(peers, 'node_modules/.package-lock.json'))) return;
  report('installing what Once is measured beside (npm ci in load-tests/bench/peers/dbos)');
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peers }).catch((error) => {
    throw new LaunchError(`It could not be installed, so there is nothing to compare with.\n\n${error.message}`);
  });
};

export const startDbos = () => startPeer('dbos', 'peer.mjs');
export const startCallsAlone = () => startPeer('calls', 'calls-alone.mjs');

const startPeer = async (name, entry) => {
  const scaffold = new Scaffold();
  try {
    const [port, sandbox, smtp] = await findFreePorts(3);
    const [databases, outside] = await Promise.all([
      scaffold.addPostgres('postgres', ['business', 'dbos']),
      Outside.start(scaffold, { port: sandbox, smtpPort: smtp, webhookUrl: `http://127.0.0.1:${port}/webhooks` }),
    ]);
    const daemon = spawnDaemon(process.execPath, [join(peers, entry)], {
      cwd: peers,
      env: {
        ...process.env,
        PORT: String(port),
        DATABASE_URL: databases.business,
        DBOS_DATABASE_URL: databases.dbos,
        PAYMENT_PROVIDER_URL: outside.url,
        SMTP_URL: outside.smtpUrl,
      },
      logFile: scaffold.logFile(name),
    });
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    await scaffold.add(name, {
      ...daemon,
      waitUntilReady: () => daemon.waitUntilReady('the peer', isReady, { withinMs: READY_WITHIN_MS }),
    });
    return {
      outside,
      databaseServer: databases.server,
      pids: scaffold.pids([name, 'postgres']),
      orderUrls: [`http://127.0.0.1:${port}`],
      metricsUrls: [],
      stop: () => scaffold.stop(),
    };
  } catch (error) {
    await scaffold.stop();
    throw error;
  }
};
