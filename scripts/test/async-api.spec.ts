import * as contracts from '@once/contracts';
import { EXCHANGE, queueOf, topologyOf } from '@once/messaging';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { z } from 'zod';

const DOCUMENT = new URL('../../docs/asyncapi.json', import.meta.url);

const messageContract = z.object({
  type: z.string(),
  destination: z.enum(contracts.DESTINATIONS),
  version: z.int(),
  payload: z.instanceof(z.ZodType),
});

/** Every message that crosses a process boundary, as the contracts export them. */
const messages = Object.values(contracts).flatMap((value: unknown) => {
  const parsed = messageContract.safeParse(value);
  return parsed.success ? [parsed.data] : [];
});

const envelopeOf = ({ type, version, payload }: (typeof messages)[number]): object => ({
  type: 'object',
  required: ['id', 'type', 'version', 'mintedAt', 'payload'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'Of this message; it decides nothing' },
    type: { const: type },
    version: { const: version },
    mintedAt: { type: 'string', format: 'date-time', description: "By the sender's database clock" },
    sagaId: { type: ['string', 'null'] },
    causationId: { type: ['string', 'null'], description: 'The message that led to this one' },
    traceparent: { type: ['string', 'null'], description: 'W3C trace context' },
    payload: z.toJSONSchema(payload, { target: 'draft-7', io: 'input' }),
  },
});

function render(): object {
  const channels = contracts.DESTINATIONS.map((destination) => [
    destination,
    {
      address: queueOf(destination),
      description: `Quorum queue of the ${destination} service, bound to the exchange ${EXCHANGE} by the key ${destination}`,
      messages: Object.fromEntries(
        messages
          .filter((message) => message.destination === destination)
          .map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]),
      ),
      bindings: { amqp: { is: 'queue', queue: { name: queueOf(destination), durable: true, autoDelete: false } } },
    },
  ]);
  const operations = contracts.DESTINATIONS.map((destination) => [
    `${destination}-receives`,
    { action: 'receive', channel: { $ref: `#/channels/${destination}` } },
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Messages of Once',
      version: '1',
      description:
        'One envelope per line of a body: messages for one queue that leave together travel together. Delivered at least once, in any order; receivers deduplicate by the operation in the payload.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(
        messages.map((message) => [message.type, { name: message.type, payload: envelopeOf(message) }]),
      ),
    },
  };
}

it('docs/asyncapi.json is what the contracts say; `npx vitest run scripts/test/async-api.spec.ts -u` writes it', async () => {
  const options = { ...(await resolveConfig(DOCUMENT)), parser: 'json' };
  await expect(await format(JSON.stringify(render()), options)).toMatchFileSnapshot(DOCUMENT.pathname);
});

it('the document has a channel for every queue and a message for every contract', () => {
  const document = z
    .object({
      channels: z.record(z.string(), z.object({ address: z.string(), messages: z.record(z.string(), z.unknown()) })),
      components: z.object({ messages: z.record(z.string(), z.unknown()) }),
    })
    .parse(render());
  const addresses = Object.values(document.channels).map(({ address }) => address);
  const queues = topologyOf(contracts.DESTINATIONS).queues.map(({ name }) => name);
  expect(addresses).toEqual(queues.filter((name) => !name.endsWith('.dead')));
  expect(Object.keys(document.components.messages).toSorted()).toEqual(messages.map(({ type }) => type).toSorted());
  expect(messages.length).toBeGreaterThan(5);
});
