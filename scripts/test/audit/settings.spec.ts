import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAuditSettings } from '../../audit/settings.mjs';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'once-audit-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe("the audit's sources", () => {
  it('are where npm start and compose put them', () => {
    expect(readAuditSettings([], { ONCE_HOME: home })).toMatchObject({
      databases: {
        order: 'postgres://once:once@127.0.0.1:3032/once_order',
        payment: 'postgres://once:once@127.0.0.1:3032/once_payment',
        notification: 'postgres://once:once@127.0.0.1:3032/once_notification',
      },
      sandboxUrl: 'http://127.0.0.1:3003',
      broker: { managementUrl: 'http://once:once@127.0.0.1:3073', vhost: '/', expectedConsumers: {} },
    });
  });

  it('are those of the running system, which also says how many replicas there are', () => {
    const processes = [
      { name: 'rabbitmq', replica: 0, port: 4072 },
      { name: 'postgres', replica: 0, port: 4032 },
      { name: 'sandbox', replica: 0, port: 4003 },
      { name: 'order', replica: 0, port: 4000 },
      { name: 'order', replica: 1, port: 4100 },
    ];
    writeFileSync(join(home, 'processes.json'), JSON.stringify(processes));

    expect(readAuditSettings([], { ONCE_HOME: home })).toMatchObject({
      databases: { order: 'postgres://once:once@127.0.0.1:4032/once_order' },
      sandboxUrl: 'http://127.0.0.1:4003',
      broker: { managementUrl: 'http://once:once@127.0.0.1:4073', expectedConsumers: { order: 2 } },
    });
  });

  it('are each taken from the environment where it names them', () => {
    const environment = {
      ONCE_HOME: home,
      DATABASE_URL: 'postgres://me@db/postgres',
      PAYMENT_DATABASE_URL: 'postgres://me@elsewhere/money',
      SANDBOX_URL: 'http://sandbox:3003',
      AMQP_URL: 'amqp://me:secret@broker/shop',
    };
    expect(readAuditSettings([], environment)).toMatchObject({
      databases: { order: 'postgres://me@db/once_order', payment: 'postgres://me@elsewhere/money' },
      sandboxUrl: 'http://sandbox:3003',
      broker: { managementUrl: 'http://me:secret@broker:15672', vhost: 'shop' },
    });
  });
});

describe("the audit's arguments", () => {
  it('say how long to wait, what was asked, and what was in stock', () => {
    const args = ['--json', '--within', '5', '--requests', 'log.ndjson', '--stock', 'mug=100', '--stock', 'tee=7'];
    expect(readAuditSettings(args, { ONCE_HOME: home })).toMatchObject({
      isJson: true,
      withinMs: 5_000,
      requestLog: 'log.ndjson',
      initialStock: [
        { sku: 'mug', units: 100 },
        { sku: 'tee', units: 7 },
      ],
    });
  });

  it.each([[['--orders', '5']], [['--within', 'soon']], [['--stock', 'mug']]])(
    'are refused when nobody knows them: %s',
    (args) => {
      expect(() => readAuditSettings(args, { ONCE_HOME: home })).toThrow(/--(orders|within|stock)/);
    },
  );
});
