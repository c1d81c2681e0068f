/** Five scenes, each with what was done and what the world outside says about it. Resolves with whether all of it was right. */
import { pollUntil } from '../lib/wait.mjs';
import { renderMoney } from '../terminal/money.mjs';
import { renderTable } from '../terminal/table.mjs';
import { renderTimeline } from '../terminal/timeline.mjs';
import { Shop } from './shop.mjs';

const STORM = 50;
const ENDS_WITHIN_MS = 60_000;

export const tellStory = async (target) => {
  const shop = new Shop(target);
  const checks = [];
  for (const scene of [anOrder, aStorm, aLostReply, aKill, theLedger]) checks.push(...(await scene(shop, target)));
  const wrong = checks.filter(({ isRight }) => !isRight);
  console.log(
    wrong.length === 0
      ? `\n✓ ${checks.length} things were promised, and ${checks.length} were so. npm run chaos does all of this at once, for two minutes.\n`
      : `\n✗ ${wrong.map(({ what }) => what).join('; ')}\n`,
  );
  return wrong.length === 0;
};

const say = (text) => console.log(`\n${text}`);
const check = (what, isRight) => {
  console.log(`   ${isRight ? '✓' : '✗'} ${what}`);
  return { what, isRight };
};

const anOrder = async (shop) => {
  say('1. An order. The key names the intent; the answer says where the order is.');
  const answer = await shop.place('demo-order', { sku: 'mug', quantity: 2 });
  const order = await shop.ended(answer.order.id, ENDS_WITHIN_MS);
  return [
    check(`POST /orders answers ${answer.status}, ${answer.order.status}`, answer.status === 202),
    check(
      `a moment later it is ${order.status}, ${renderMoney(order.payment.capturedAmount, order.currency)} captured`,
      order.status === 'confirmed' && order.payment.capturedAmount === 2400,
    ),
  ];
};

const aStorm = async (shop) => {
  say(`2. A storm: the same request, ${STORM} times at once, at both replicas.`);
  const answers = await Promise.all(
    Array.from({ length: STORM }, () => shop.placeUntilDefinite('demo-storm', { sku: 'tee', quantity: 1 })),
  );
  const ids = new Set(answers.map(({ order }) => order.id));
  const bodies = new Set(answers.map(({ text }) => text));
  const [id] = ids;
  await shop.ended(id, ENDS_WITHIN_MS);
  const ledger = await shop.ledger(id);
  return [
    check(`${STORM} answers, ${bodies.size} different, naming ${ids.size} order`, ids.size === 1 && bodies.size === 1),
    check(
      `${answers.filter(({ isReplay }) => isReplay).length} of them say that they are repeats`,
      answers.filter(({ isReplay }) => isReplay).length === STORM - 1,
    ),
    check(`the provider booked ${count(ledger, 'capture')} capture`, count(ledger, 'capture') === 1),
    check(
      'another quantity under the same key is refused',
      (await shop.place('demo-storm', { sku: 'tee', quantity: 2 })).status === 422,
    ),
  ];
};

const aLostReply = async (shop) => {
  say('3. A lost reply: the provider takes the money and its answer never arrives.');
  await shop.setFaults([{ operation: 'payment_intents.capture', fault: 'apply_then_reset', times: 1 }]);
  const { order } = await shop.place('demo-lost-reply', { sku: 'print', quantity: 1 });
  const ended = await shop.ended(order.id, ENDS_WITHIN_MS);
  await shop.setFaults([]);
  const calls = await shop.calls(order.id);
  console.log(
    renderTable(
      calls.map(({ operation, idempotencyKey, status, applied, fault }) => ({
        operation,
        key: idempotencyKey?.replace(order.id, '…') ?? '',
        answered: status ?? 'nothing',
        moved: applied ? 'yes' : '',
        fault: fault ?? '',
      })),
      '     ',
    ),
  );
  const captured = count(await shop.ledger(order.id), 'capture');
  return [
    check(`nobody assumed anything: the object was read, the order is ${ended.status}`, ended.status === 'confirmed'),
    check(`the provider booked ${captured} capture`, captured === 1),
  ];
};

const aKill = async (shop, target) => {
  say('4. A kill: the payment service dies, both replicas, while an order is on its way.');
  const { order } = await shop.place('demo-kill', { sku: 'mug', quantity: 1 });
  for (const label of ['payment-0', 'payment-1']) target.signal(label, 'kill');
  const startedAt = performance.now();
  const repeat = await shop.placeUntilDefinite('demo-kill', { sku: 'mug', quantity: 1 });
  const ended = await shop.ended(order.id, ENDS_WITHIN_MS);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(renderTimeline(await shop.timeline(order.id), '     '));
  return [
    check('whoever asks again meanwhile gets the same order', repeat.order.id === order.id),
    check(`${seconds} s later the order is ${ended.status}, by itself`, ended.status === 'confirmed'),
    check('with one capture', count(await shop.ledger(order.id), 'capture') === 1),
  ];
};

const theLedger = async (shop) => {
  say("5. The judge is the provider's ledger, not our word.");
  const quietFor = async () => (await shop.ledger()).length;
  const before = await quietFor();
  await pollUntil(() => false, { withinMs: 3_000, everyMs: 1_000 });
  const ledger = await shop.ledger();
  console.log(
    renderTable(
      ledger.map(({ seq, at, kind, orderId, amount, currency }) => ({
        seq,
        at: at.slice(11, 23),
        kind,
        order: orderId,
        money: renderMoney(amount, currency),
      })),
      '     ',
    ),
  );
  const orders = new Set(ledger.map(({ orderId }) => orderId));
  const captures = ledger.filter(({ kind }) => kind === 'capture');
  return [
    check(
      `${orders.size} orders, ${captures.length} captures, none twice`,
      captures.length === orders.size && orders.size === 4,
    ),
    check('three seconds later not a line more', ledger.length === before),
  ];
};

const count = (ledger, kind) => ledger.filter((entry) => entry.kind === kind).length;
