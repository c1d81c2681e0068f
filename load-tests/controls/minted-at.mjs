/**
 * The payment service that does what it is told however long ago that was. It is told everything twice, the second time when it
 * has nothing on record any more and the provider has forgotten its keys: so a backup, a shovel or an operator would bring it, and
 * the age of the message is all that is left to tell.
 */
import { startWithout } from './start-without.mjs';

const forgetKeysSoon = async () => {
  const answer = await fetch(`${process.env.PAYMENT_PROVIDER_URL}/sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keyLifeMs: 4_000 }),
  }).catch(() => undefined);
  if (!answer?.ok) setTimeout(() => void forgetKeysSoon(), 500); // the provider is still starting
};
void forgetKeysSoon();

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'libs/idempotency/dist/message/too-old.js',
      find: 'return ageMs > retentionMs * ACCEPTED_SHARE;',
      replace: 'return false;',
    },
    {
      file: 'services/payment/dist/requests/payment-requests.consumer.js',
      find: 'async receive(request, delivery) {',
      replace: `async receive(request, delivery, isAgain = false) {
        if (!isAgain) setTimeout(() => void this.again(request, delivery).catch(() => {}), 12_000);`,
    },
    {
      file: 'services/payment/dist/requests/payment-requests.consumer.js',
      find: 'return({ operation, orderId }, delivery) {',
      replace: `async again(request, delivery) {
        if (request.kind === 'authorise') await this.payments.store.forget(request.orderId);
        await this.receive(request, delivery, true);
    }
    return({ operation, orderId }, delivery) {`,
    },
    {
      file: 'services/payment/dist/payment/payments.js',
      find: 'this.executor = new AtomicExecutor({',
      replace: 'this.store = store;\n        this.executor = new AtomicExecutor({',
    },
    {
      file: 'services/payment/dist/persistence/payment-store.js',
      find: 'async load(inputs) {',
      replace: `async forget(orderId) {
        await this.session.query(
          "with gone as (delete from payment where order_id = $1) delete from idempotency_record where scope = 'step' and subject = $2",
          [orderId, orderId]);
    }
    async load(inputs) {`,
    },
  ],
  environment: { EVENT_RETENTION_MS: '10000' },
});
