/**
 * `npm run compose:smoke`: brings the containers up, places one order through them, sees it confirmed, captured once and
 * mailed once, sees that no service reaches what is another's, and takes everything down again, volumes included. It is a project
 * of its own on ports of its own, so it touches neither `docker compose up` nor `npm start`.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { ComposeProject } from './compose/compose-project.mjs';
import { LaunchError, describeFailure } from './lib/errors.mjs';
import { findFreePorts } from './lib/ports.mjs';
import { pollUntil } from './lib/wait.mjs';
import { findLedgerProblems } from './smoke/ledger-check.mjs';
import { RunningSystem } from './smoke/running-system.mjs';
import { findSeparationProblems } from './smoke/separation.mjs';

/** An order takes well under a second; this is for a machine that does something else as well. */
const ORDER_ENDS_WITHIN_MS = 60_000;

/** Ours whatever the environment or .env says. */
const API_KEY = 'sk_demo';

const PORTS = [
  'ONCE_ORDER_PORT',
  'ONCE_PAYMENT_PORT',
  'ONCE_NOTIFICATION_PORT',
  'ONCE_SANDBOX_PORT',
  'ONCE_SMTP_PORT',
  'ONCE_POSTGRES_PORT',
  'ONCE_AMQP_PORT',
  'ONCE_AMQP_MANAGEMENT_PORT',
];

/** Those that talk to the broker. */
const SERVICES = ['order', 'payment', 'notification'];

/** A password of its own for each, so that one in the wrong place lets nobody in. */
const PASSWORDS = Object.fromEntries(
  [...SERVICES, 'sandbox']
    .map((service) => service.toUpperCase())
    .flatMap((service) => [`${service}_DATABASE_PASSWORD`, `${service}_AMQP_PASSWORD`])
    .concat('POSTGRES_PASSWORD', 'RABBITMQ_PASSWORD')
    .map((name) => [name, randomBytes(12).toString('hex')]),
);

const report = (line) => console.log(`${`${process.uptime().toFixed(1)} s`.padStart(8)}  ${line}`);

const smoke = async () => {
  const free = await findFreePorts(PORTS.length);
  const ports = Object.fromEntries(PORTS.map((name, index) => [name, free[index]]));
  const project = new ComposeProject({
    name: `once-smoke-${process.pid}`,
    environment: { ...ports, ...PASSWORDS, NODE_ENV: 'development', API_KEYS: `demo=${API_KEY}` },
  });
  const interrupted = new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => reject(new LaunchError(`${signal}: giving up`)));
  });

  await ComposeProject.checkEngine();
  try {
    await Promise.race([bringUpAndOrder(project, ports), interrupted]);
  } catch (error) {
    console.error(await project.newestLogs());
    throw error;
  } finally {
    report('taking it down');
    await project.down();
  }
};

const bringUpAndOrder = async (project, ports) => {
  report('building the image');
  await project.build();
  report('starting the containers');
  await project.up();
  report('every container is healthy');

  const system = new RunningSystem({
    orderUrl: `http://127.0.0.1:${ports.ONCE_ORDER_PORT}`,
    sandboxUrl: `http://127.0.0.1:${ports.ONCE_SANDBOX_PORT}`,
    apiKey: API_KEY,
  });
  const { id } = await system.placeOrder(randomUUID(), {
    customer: { email: 'smoke@example.org' },
    items: [{ sku: 'mug', quantity: 2 }],
    payment: { method: 'pm_card_visa' },
  });
  report(`placed order ${id}`);
  const order = await system.ended(id, { withinMs: ORDER_ENDS_WITHIN_MS });
  const problems = findLedgerProblems([order], await system.ledger());
  if (order.status !== 'confirmed') problems.push(`order ${id} is ${order.status} (${order.reason}), not confirmed`);
  if (problems.length > 0) throw new LaunchError(problems.join('\n  '));
  report(`it is confirmed, and the provider's ledger shows ${order.amount} ${order.currency} captured once`);

  const mails = await pollUntil(() => mailsOf(system, id), { withinMs: ORDER_ENDS_WITHIN_MS, everyMs: 200 });
  if (mails?.join() !== 'confirmed') throw new LaunchError(`order ${id} should have one mail, has: ${mails ?? 'none'}`);
  report('one mail lies in the mailbox');

  await checkSeparation(ports);
  const refused = (await project.logs(SERVICES)).match(/.*ACCESS_REFUSED.*/);
  if (refused !== null) throw new LaunchError(`a service may not do what it has to: ${refused[0]}`);
  report('no service reaches what is another’s at the databases and the broker');
};

const checkSeparation = async (ports) => {
  const problems = await findSeparationProblems({
    databaseUrlOf: (role, database) =>
      `postgres://once_${role}:${passwordOf(role, 'DATABASE')}@127.0.0.1:${ports.ONCE_POSTGRES_PORT}/${database}`,
    amqpUrlOf: (user) => `amqp://once_${user}:${passwordOf(user, 'AMQP')}@127.0.0.1:${ports.ONCE_AMQP_PORT}`,
  });
  if (problems.length > 0) throw new LaunchError(problems.join('\n  '));
};

const passwordOf = (service, kind) => PASSWORDS[`${service.toUpperCase()}_${kind}_PASSWORD`];

const mailsOf = async (system, id) => {
  const mails = (await system.mailbox()).filter((mail) => mail.orderId === id);
  return mails.length > 0 && mails.map((mail) => mail.template);
};

try {
  await smoke();
  report('✓ the containers served an order');
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
