/** Whether each service is kept to what is its own: its role at the databases, its user at the broker. */
import { isDeepStrictEqual } from 'node:util';

const ROLES = ['order', 'payment', 'notification', 'sandbox'];
/** The sandbox is the world outside and has no business at the broker. */
const USERS = ROLES.slice(0, 3);
/** Databases that the server has beside ours. */
const OTHERS = ['once', 'postgres', 'template1'];

const INSUFFICIENT_PRIVILEGE = '42501';
const ACCESS_REFUSED = 403;
const PRECONDITION_FAILED = 406;

/** Tries what each service must not be able to do, and says what it could, or could not although it must. */
export const findSeparationProblems = async ({ databaseUrlOf, amqpUrlOf }) => {
  const problems = [];
  for (const role of ROLES) {
    const reached = await databasesReached(role, databaseUrlOf);
    if (!isDeepStrictEqual(reached, [`once_${role}`])) problems.push(`role once_${role} reaches ${list(reached)}`);
  }
  for (const user of USERS) {
    const done = await deedsDone(user, amqpUrlOf(user));
    if (!isDeepStrictEqual(done, [`consume once.${user}`, `consume once.${user}.dead`, 'publish to once'])) {
      problems.push(`broker user once_${user} may ${list(done)}`);
    }
  }
  return problems;
};

const list = (names) => (names.length === 0 ? 'nothing' : names.join(', '));

const databasesReached = async (role, databaseUrlOf) => {
  const { default: pg } = await import('pg'); // only after npm ci
  const reached = [];
  for (const database of [...ROLES.map((name) => `once_${name}`), ...OTHERS]) {
    const client = new pg.Client({ connectionString: databaseUrlOf(role, database) });
    try {
      await client.connect();
      reached.push(database);
    } catch (error) {
      if (error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    } finally {
      await client.end();
    }
  }
  return reached;
};

const deedsDone = async (user, url) => {
  const { connect } = await import('amqplib');
  const connection = await connect(url);
  const queues = USERS.flatMap((name) => [`once.${name}`, `once.${name}.dead`]);
  const others = queues.filter((queue) => !queue.startsWith(`once.${user}`));
  const deeds = [
    // A consumer that is cancelled at once gives back whatever it was given.
    ...queues.map((queue) => [`consume ${queue}`, (channel) => cancelled(channel, queue)]),
    // As a queue that it is not: who may declare it, and so delete it, is told so only after the permission.
    ...others.map((queue) => [`configure ${queue}`, (channel) => channel.assertQueue(queue, { durable: true })]),
    ...others.map((queue) => [`bind ${queue}`, (channel) => channel.bindQueue(queue, 'once', 'nobody')]),
    ['declare a queue', (channel) => channel.assertQueue('stray')],
    ['publish to once', (channel) => published(channel, 'once')],
    ['publish to a queue directly', (channel) => published(channel, '')],
  ];
  const done = [];
  try {
    for (const [deed, act] of deeds) if (await isAllowed(connection, act)) done.push(deed);
  } finally {
    await connection.close();
  }
  return done;
};

const cancelled = async (channel, queue) => channel.cancel((await channel.consume(queue, () => {})).consumerTag);

/** To nobody: where it is allowed, the broker drops it. */
const published = async (channel, exchange) => {
  channel.publish(exchange, 'nobody', Buffer.alloc(0));
  await channel.waitForConfirms();
};

/** A refusal closes the channel that it happens on, so each deed has its own. */
const isAllowed = async (connection, act) => {
  const channel = await connection.createConfirmChannel();
  let refusal;
  channel.on('error', (error) => (refusal = error));
  try {
    await act(channel);
    await channel.close();
    return true;
  } catch (error) {
    const { code } = refusal ?? error;
    if (code === ACCESS_REFUSED) return false;
    if (code === PRECONDITION_FAILED) return true;
    throw error;
  }
};
