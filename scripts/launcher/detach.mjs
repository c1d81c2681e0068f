/** `npm start -- --detach`: the launcher goes on in the background, and this process tells its story until it is ready. */
import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const start = fileURLToPath(new URL('../start.mjs', import.meta.url));

/** Resolves with the exit code once the launcher is ready or has given up. */
export const launchDetached = ({ logs }) => {
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, 'launcher-0.log'), 'a');
  const { npm_config_detach: _, ...env } = process.env;
  const launcher = fork(start, [], { env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.kill(signal));
  return new Promise((resolve) => {
    launcher.once('exit', (code) => resolve(code ?? 1));
    launcher.on('message', (message) => {
      if (message.line !== undefined) console.log(message.line);
      if (message.failure !== undefined) console.error(message.failure);
      if (!message.isReady) return;
      console.log('It runs in the background; npm stop ends it.');
      launcher.disconnect();
      launcher.unref();
      resolve(0);
    });
  });
};

/** The other side: what the launcher says goes to its log, and to whoever still listens. */
export const tell = (message) => {
  if (process.connected) process.send(message);
};
