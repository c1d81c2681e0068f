import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished, TestRunner } from 'vitest';
import { z } from 'zod';
import { managementClient, type TestVhost } from './test-vhost.js';

const script = fileURLToPath(new URL('../../../scripts/infrastructure/own-broker.mjs', import.meta.url));

const Addresses = z.object({ amqpUrl: z.string(), managementUrl: z.string() });
const Reply = z.object({ id: z.number(), answer: z.unknown().optional(), error: z.string().optional() });

/** A RabbitMQ node for one test, which may do to it what it likes. Everything is in its default vhost. */
export interface OwnBroker extends TestVhost {
  /** On the same ports, with the files of before. */
  start(): Promise<void>;
  /** In order, as an operator or an upgrade does it. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** `rabbitmqctl`: `control('set_disk_free_limit', '50MB')`. */
  control(...args: readonly string[]): Promise<string>;
}

/** Starts the node. It ends with the test that started it, or when it is closed. */
export const ownBroker = async (): Promise<OwnBroker> => {
  const child = fork(script, { detached: true });
  const received: unknown[] = await once(child, 'message');
  const { amqpUrl, managementUrl } = Addresses.parse(received[0]);
  const ask = askerOf(child);
  const close = async (): Promise<void> => {
    if (!child.connected) return;
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  };
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(close);
  await ask('start');
  return {
    name: '/',
    amqpUrl,
    managementUrl,
    manage: managementClient(managementUrl),
    close,
    start: async () => void (await ask('start')),
    stop: async () => void (await ask('stop')),
    kill: async () => void (await ask('kill')),
    control: async (...args) => z.string().parse(await ask('control', args)),
  };
};

function askerOf(child: ChildProcess): (act: string, args?: readonly string[]) => Promise<unknown> {
  let questions = 0;
  const open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  child.on('message', (message) => {
    const { id, answer, error } = Reply.parse(message);
    const waiting = open.get(id);
    open.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  });
  return (act, args = []) =>
    new Promise((resolve, reject) => {
      questions += 1;
      open.set(questions, { resolve, reject });
      child.send({ id: questions, act, args });
    });
}
