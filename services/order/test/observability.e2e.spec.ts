import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { z } from 'zod';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

interface SeenSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
}

const posted = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string() }) })),
      }),
      scopeSpans: z.array(z.object({ spans: z.array(z.object({ name: z.string(), traceId: z.string() })) })),
    }),
  ),
});

describe('one order that can be followed', () => {
  const spans: SeenSpan[] = [];
  let collector: Server;
  let system: SpawnedSystem;
  let orderId: string;

  beforeAll(async () => {
    collector = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        for (const { resource, scopeSpans } of posted.parse(JSON.parse(text)).resourceSpans) {
          const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
          spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ service, ...span }))));
        }
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    system = await spawnSystem({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, LOG_LEVEL: 'info' } });
    orderId = await placeAndConfirm(system);
  });
  afterAll(() => collector.close());

  it('belongs to the trace of its request in every line of its timeline', async () => {
    const response = await fetch(`${system.order.url}/orders/${orderId}/timeline`, { headers: HEADERS });
    const { data } = z
      .object({ data: z.array(z.object({ traceId: z.string().nullable() })) })
      .parse(await response.json());
    expect(data.length).toBeGreaterThan(4);
    expect(new Set(data.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  });

  it('takes its trace along to the mail', async () => {
    const client = new Client(system.databases.notification.url);
    await client.connect();
    const { rows } = await client.query<{ traceparent: string }>(
      `select confirmation->>'traceparent' as traceparent from correspondence where order_id = $1`,
      [orderId],
    );
    await client.end();
    expect(rows[0]?.traceparent).toContain(TRACE_ID);
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
        const names = spans
          .filter(({ traceId }) => traceId === TRACE_ID)
          .map(({ service, name }) => `${service} ${name}`);
        expect(names).toEqual(expect.arrayContaining(expected));
      },
      { withinMs: 15_000 },
    );
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
