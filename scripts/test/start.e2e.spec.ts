import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { eventually, testDatabase, type TestDatabase } from '@once/testing';
import { findFreePortBase, isPortFree } from '../lib/ports.mjs';
import { Command, StandInClone } from './stand-in-clone.js';

const OFFSETS = [0, 1, 2, 3, 25, 32, 69, 72, 73, 92];
const READY_WITHIN_MS = 120_000;

const portsInUse = async (base: number): Promise<number[]> => {
  const free = await Promise.all(OFFSETS.map((offset) => isPortFree(base + offset)));
  return OFFSETS.filter((_, index) => !free[index]).map((offset) => base + offset);
};

const expectNothingLeft = async (clone: StandInClone, base: number): Promise<void> => {
  expect(clone.processes()).toEqual([]);
  expect(await portsInUse(base)).toEqual([]);
};

/** Stand-ins connect to no broker, so one that is only named will do. */
const AMQP_URL = 'amqp://broker.example';

const environmentOf = async (port: number): Promise<Record<string, string>> => {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return (await response.json()) as Record<string, string>;
};

describe('npm start', () => {
  let base: number;
  let clone: StandInClone;
  let start: Command;

  beforeAll(async () => {
    base = await findFreePortBase(OFFSETS);
    clone = new StandInClone({ ONCE_PORT_BASE: String(base) });
    start = clone.npm(['start'], { FROM_THE_CALLER: 'yes' });
    await start.prints('Once is running', READY_WITHIN_MS);
  });
  afterAll(async () => {
    await clone.npm(['stop']).succeeds();
    clone.remove();
  });

  it('prints a curl that places an order and the address to read it at', () => {
    expect(start.output).toContain(`curl -i http://127.0.0.1:${base}/orders -H 'Authorization: Bearer sk_demo'`);
    expect(start.output).toContain(`http://127.0.0.1:${base}/orders/<id>`);
  });

  it('lists everything that runs, on its port', () => {
    const listed = clone.running().map(({ name, replica, port }) => `${name} ${replica} ${port - base}`);
    expect(new Set(listed)).toEqual(
      new Set([
        'epmd 0 69',
        'rabbitmq 0 72',
        'postgres 0 32',
        'sandbox 0 3',
        'order 0 0',
        'payment 0 1',
        'notification 0 2',
      ]),
    );
  });

  it('gives each service its own database, and what the caller had in the environment', async () => {
    expect(await environmentOf(base + 1)).toMatchObject({
      DATABASE_URL: `postgres://once:once@127.0.0.1:${base + 32}/once_payment`,
      AMQP_URL: `amqp://once:once@127.0.0.1:${base + 72}`,
      AMQP_MANAGEMENT_URL: `http://once:once@127.0.0.1:${base + 73}`,
      PAYMENT_PROVIDER_URL: `http://127.0.0.1:${base + 3}`,
      REPLICA: '0',
      FROM_THE_CALLER: 'yes',
    });
  });

  it('says that it runs when it is started again', async () => {
    const second = clone.npm(['start']);
    await second.succeeds();
    expect(second.output).toMatch(/already running/);
  });

  it('starts a service again that dies', async () => {
    const before = clone.find('payment').pid;
    process.kill(before, 'SIGKILL');
    await eventually(async () => {
      expect(clone.find('payment').pid).not.toBe(before);
      expect((await fetch(`http://127.0.0.1:${base + 1}/health/ready`)).status).toBe(200);
    });
  });

  it('leaves no process and no port behind after Ctrl-C', async () => {
    start.pressCtrlC();
    await start.exitCode;
    expect(start.output).toMatch(/notification has stopped[\s\S]*sandbox has stopped[\s\S]*epmd has stopped/);
    await expectNothingLeft(clone, base);
    expect(clone.running()).toEqual([]);
  });
});

describe('npm start with servers of one’s own', () => {
  let base: number;
  let database: TestDatabase;
  let clone: StandInClone;

  beforeAll(async () => {
    [database, base] = await Promise.all([testDatabase(), findFreePortBase([...OFFSETS, 100, 101, 102])]);
    clone = new StandInClone({ ONCE_PORT_BASE: String(base), DATABASE_URL: database.url, AMQP_URL });
  });
  afterEach(async () => {
    if (clone.running().length > 0) await clone.npm(['stop']).succeeds();
    await expectNothingLeft(clone, base);
  });
  afterAll(async () => {
    clone.remove();
    await database.close();
  });

  it('starts no server, and returns with --detach when all replicas are ready', async () => {
    const start = clone.npm(['start', '--', '--detach'], { ONCE_REPLICAS: '2' });
    await start.succeeds();
    expect(start.output).toMatch(/Once is running[\s\S]*npm stop ends it/);
    expect(new Set(clone.running().map(({ name, replica, port }) => `${name} ${replica} ${port - base}`))).toEqual(
      new Set([
        'sandbox 0 3',
        'order 0 0',
        'order 1 100',
        'payment 0 1',
        'payment 1 101',
        'notification 0 2',
        'notification 1 102',
      ]),
    );
    expect(await environmentOf(base + 100)).toMatchObject({ AMQP_URL, REPLICA: '1' });

    const stop = clone.npm(['stop']);
    await stop.succeeds();
    expect(stop.output).toContain('Once has stopped.');
  });

  it('ends what a killed launcher has left running', async () => {
    await clone.npm(['start', '--detach']).succeeds(); // as typed by who forgets the second pair of dashes
    process.kill(clone.launcherPid(), 'SIGKILL');
    const left = clone.find('order').pid;

    const next = clone.npm(['start', '--', '--detach']);
    await next.succeeds();
    expect(next.output).toContain('ended 4 processes that a killed start had left running');
    expect(clone.find('order').pid).not.toBe(left);
  });

  it('leaves nothing behind when it is interrupted while RabbitMQ boots', async () => {
    const start = clone.npm(['start'], { AMQP_URL: '' });
    await start.prints('starting RabbitMQ', READY_WITHIN_MS);
    start.pressCtrlC();
    await start.exitCode;
    expect(start.output).not.toContain('Once is running');
    await expectNothingLeft(clone, base);
  });

  it('stops when npm gets a SIGTERM, as from a service manager', async () => {
    const start = clone.npm(['start']);
    await start.prints('Once is running', READY_WITHIN_MS);
    start.kill('SIGTERM');
    await start.exitCode;
    expect(start.output).toContain('sandbox has stopped');
    await expectNothingLeft(clone, base);
  });

  it('names the port that is taken, and fails', async () => {
    const other = createServer().listen(base + 1, '127.0.0.1');
    await once(other, 'listening');
    const start = clone.npm(['start']);
    const exitCode = await start.exitCode;
    await new Promise((resolve) => other.close(resolve));
    expect(exitCode).toBe(1);
    expect(start.output).toContain(`Port ${base + 1}, meant for payment, is taken.`);
  });

  it.each([
    { how: 'in the foreground', args: ['start'] },
    { how: 'in the background', args: ['start', '--', '--detach'] },
  ])('shows what a service printed that does not come up, and fails, $how', async ({ args }) => {
    const start = clone.npm(args, { STAND_IN_FAILS: '1' });
    expect(await start.exitCode).toBe(1);
    expect(start.output).toMatch(/did not come up: it ended \(exit code 1\)[\s\S]*the stand-in refuses to start/);
  });

  it('shows the compiler’s words when the build is broken, and fails', async () => {
    clone.write('source.ts', 'export const answer: number = "forty-two";\n');
    const start = clone.npm(['start']);
    expect(await start.exitCode).toBe(1);
    expect(start.output).toMatch(/The build failed\.[\s\S]*source\.ts/);
    clone.write('source.ts', 'export const answer: number = 42;\n');
  });

  it('refuses a port base that is none', async () => {
    const start = clone.npm(['start'], { ONCE_PORT_BASE: 'abc' });
    expect(await start.exitCode).toBe(1);
    expect(start.output).toContain('ONCE_PORT_BASE is "abc"');
  });
});
