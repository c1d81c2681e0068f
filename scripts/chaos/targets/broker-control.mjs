/** What a chaos run does to the broker, and asks of it, through its management API and by commands at its node. */
const ANSWER_WITHIN_MS = 5_000;
/** A node on its way down or up may take the question and never answer it. */
const IS_UP_WITHIN_MS = 1_000;

const VHOST = '%2F';

export class BrokerControl {
  #origin;
  #authorization;
  #commands;

  /** @param {import('./broker-commands.mjs').BrokerCommands} commands */
  constructor(managementUrl, commands) {
    const { origin, username, password } = new URL(managementUrl);
    this.#origin = origin;
    this.#commands = commands;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** Ends every connection and lets the queues rest. The node stays, which boots much longer than it starts. */
  async stop() {
    await this.#commands.stop();
  }

  async start() {
    await this.#commands.start();
  }

  /** While the alarm is on, the broker takes nothing from publishers. */
  async setAlarm(isOn) {
    await this.#commands.setAlarm(isOn);
  }

  /** Returns how many there were. */
  async closeConnections() {
    const connections = await this.#ask('GET', '/api/connections');
    await Promise.all(
      connections.map(({ name }) => this.#ask('DELETE', `/api/connections/${encodeURIComponent(name)}`)),
    );
    return connections.length;
  }

  /** A service's queues with all that lies in them, and the exchange that everything goes through. */
  async deleteTopology(service) {
    const queues = await this.#ask('GET', `/api/queues/${VHOST}`);
    const doomed = queues
      .filter(({ name }) => name.startsWith(`once.${service}`))
      .map(({ name }) => `queues/${VHOST}/${name}`);
    for (const path of [...doomed, `exchanges/${VHOST}/once`]) await this.#ask('DELETE', `/api/${path}`);
    return doomed.length;
  }

  /** Whether clients find it. A node that boots answers for its management long before it does for them. */
  async isUp() {
    return this.#ask('GET', '/api/health/checks/protocol-listener/amqp', IS_UP_WITHIN_MS).then(
      () => true,
      () => false,
    );
  }

  /** Whether every service's queue is there and has this many consumers. */
  async hasConsumers(services, count) {
    const queues = await this.#ask('GET', `/api/queues/${VHOST}`).catch(() => []);
    return services.every((service) =>
      queues.some(({ name, consumers }) => name === `once.${service}` && consumers === count),
    );
  }

  async #ask(method, path, withinMs = ANSWER_WITHIN_MS) {
    const response = await fetch(this.#origin + path, {
      method,
      headers: { authorization: this.#authorization },
      signal: AbortSignal.timeout(withinMs),
    });
    const isGoneAlready = method === 'DELETE' && response.status === 404;
    if (!response.ok && !isGoneAlready) throw new Error(`${method} ${path} answered ${response.status}`);
    return method === 'GET' ? response.json() : undefined;
  }
}
