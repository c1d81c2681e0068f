/**
 * One RabbitMQ node of our own in a container, for tests of versions that this machine's package manager does not have. It is
 * used like the node of rabbitmq.mjs: stopped or killed and started again, it has the ports and the files of before.
 */
import { randomBytes } from 'node:crypto';
import { pollUntil } from '../lib/wait.mjs';
import { LaunchError } from '../lib/errors.mjs';
import { run } from '../lib/processes.mjs';
import { isReady, PASSWORD, READY_WITHIN_MS, USER } from './rabbitmq.mjs';

/** @param {{ image: string, ports: { amqp: number, management: number } }} options */
export const createRabbitMqContainer = async ({ image, ports }) => {
  const name = `once-broker-${randomBytes(4).toString('hex')}`;
  const docker = (...args) => run('docker', args);
  const publish = [`127.0.0.1:${ports.amqp}:5672`, `127.0.0.1:${ports.management}:15672`];
  const environment = [`RABBITMQ_DEFAULT_USER=${USER}`, `RABBITMQ_DEFAULT_PASS=${PASSWORD}`];
  await docker(
    'create',
    `--name=${name}`,
    '--hostname=once', // the node's files are under the name of its host
    ...publish.map((mapping) => `--publish=${mapping}`),
    ...environment.map((variable) => `--env=${variable}`),
    image,
  );
  return {
    start: async () => {
      await docker('start', name);
      if (!(await pollUntil(() => isReady(ports), { withinMs: READY_WITHIN_MS })))
        throw new LaunchError(`${image} did not come up:\n${await docker('logs', '--tail', '20', name)}`);
      // The container's port accepts connections before the broker does.
      await docker('exec', name, 'rabbitmqctl', 'await_startup');
    },
    stop: () => docker('stop', '--time', '30', name),
    kill: () => docker('kill', name),
    control: (args) => docker('exec', name, 'rabbitmqctl', ...args),
    discard: () => docker('rm', '--force', '--volumes', name),
  };
};
