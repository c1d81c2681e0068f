import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { z } from 'zod';
import { MailTap } from './mail-tap.js';
import { SpanCollector } from './span-collector.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE_ID}-${CALLER}-01`;

describe('one order that can be followed', () => {
  let collector: SpanCollector;
  let mails: MailTap;
  let system: SpawnedSystem;
  let orderId: string;

  beforeAll(async () => {
    collector = await SpanCollector.start();
    system = await spawnSystem({
      // A step that is asked for again has two causes, and the path of what it did may begin at either.
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'info', SAGA_STEP_TIMEOUT_MS: '60000' },
      route: async (service, env) => {
        if (service !== 'notification') return env;
        mails = await MailTap.before(env['SMTP_URL'] ?? '');
        return { ...env, SMTP_URL: mails.url };
      },
    });
    orderId = await placeAndConfirm(system);
  });
  afterAll(() => {
    collector.close();
    mails.close();
  });

  it('belongs to the trace of its request in every line of its timeline', async () => {
    const response = await fetch(`${system.order.url}/orders/${orderId}/timeline`, { headers: HEADERS });
    const { data } = z
      .object({ data: z.array(z.object({ traceId: z.string().nullable() })) })
      .parse(await response.json());
    expect(data.length).toBeGreaterThan(4);
    expect(new Set(data.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  });

  it('leaves a span for every process it went through, in one trace', async () => {
    const expected = [
      'order POST /orders',
      'payment handle authorise-payment',
      'payment provider create',
      'payment provider confirm',
      'order handle step-reply',
      'payment handle capture-payment',
      'payment provider capture',
      'notification handle send-confirmation',
      'notification send mail',
    ];
    await eventually(
      () => {
        const seen = collector.spans.filter(({ traceId }) => traceId === TRACE_ID).map(({ name }) => name);
        expect(seen).toEqual(expect.arrayContaining(expected));
      },
      { withinMs: 15_000 },
    );
  });

  it('hands its trace from hop to hop: request, outbox, broker, consumer, call, and the mail at its server', () => {
    const authorise = ['payment handle authorise-payment', 'order POST /orders', CALLER];
    const capture = ['payment handle capture-payment', 'order handle step-reply', ...authorise];
    const confirm = ['notification handle send-confirmation', 'order handle step-reply', ...capture];
    const pathOf = (wanted: string): readonly string[] =>
      collector.pathOf(collector.spans.find(({ name }) => name === wanted)?.spanId ?? '');
    expect(pathOf('payment provider confirm')).toEqual(['payment provider confirm', ...authorise]);
    expect(pathOf('payment provider capture')).toEqual(['payment provider capture', ...capture]);
    expect(pathOf('notification send mail')).toEqual(['notification send mail', ...confirm]);

    const received = mails.headersCalled('traceparent');
    expect(received).toHaveLength(1);
    const [, traceId, spanId] = received[0]?.split('-') ?? [];
    expect(traceId).toBe(TRACE_ID);
    expect(collector.pathOf(spanId ?? '')).toEqual(confirm);
  });

  it('is counted by every number that the operations guide explains', async () => {
    await fetch(`${system.order.url}/orders`, { method: 'POST', headers: { ...HEADERS, ...KEY }, body: BODY });
    const shown = await eventually(async () => {
      const texts = [system.order, system.payment, system.notification].map(async ({ url }) =>
        (await fetch(`${url}/metrics`)).text(),
      );
      const text = (await Promise.all(texts)).join('\n');
      expect(text).toMatch(/once_idempotency_duplicates_total\{door="request"\} 1/);
      return text;
    });
    const guide = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const explained = [...guide.matchAll(/^\| `(once_\w+)`/gm)].map(([, name]) => name ?? '');
    const declared = new Set([...shown.matchAll(/^# TYPE (once_\w+)/gm)].map(([, name]) => name ?? ''));
    expect(explained.length).toBeGreaterThan(15);
    expect(new Set(explained)).toEqual(declared);
    expect(shown).toMatch(/once_messaging_confirmed_total\{destination="payment"\} \d/);
    expect(shown).toMatch(/once_outbox_rows 0/);
  });
});

const HEADERS = { authorization: 'Bearer sk_demo', 'content-type': 'application/json', traceparent: TRACEPARENT };
const KEY = { 'idempotency-key': 'followed' };
const BODY = JSON.stringify({
  customer: { email: 'ada@example.com' },
  items: [{ sku: 'mug', quantity: 1 }],
  payment: { method: 'pm_card_visa' },
});

async function placeAndConfirm(system: SpawnedSystem): Promise<string> {
  const placed = await fetch(`${system.order.url}/orders`, {
    method: 'POST',
    headers: { ...HEADERS, ...KEY },
    body: BODY,
  });
  const { id } = z.object({ id: z.string() }).parse(await placed.json());
  await eventually(
    async () => {
      const mails = await fetch(`${system.sandbox.url}/sandbox/mailbox?order_id=${id}`);
      expect(await mails.json()).toHaveLength(1);
      const timeline = await fetch(`${system.order.url}/orders/${id}/timeline`, { headers: HEADERS });
      expect(await timeline.text()).toContain('send-confirmation');
    },
    { withinMs: 60_000 },
  );
  return id;
}
