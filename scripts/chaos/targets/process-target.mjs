/** A system whose parts are processes of this machine, as `npm start` lists them, and what can be done to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callRabbitMq } from '../../infrastructure/rabbitmq.mjs';
import { sendSignal } from '../../lib/processes.mjs';
import { callsOf } from './broker-commands.mjs';
import { BrokerControl } from './broker-control.mjs';
import { PostgresControl } from './postgres-control.mjs';
import { isReady } from './readiness.mjs';
import { listReplicas } from './replicas.mjs';
import { signalOf } from './signals.mjs';

/** A node that is being killed may take a call and never answer it. */
const CALLED_WITHIN_MS = 30_000;

export class ProcessTarget {
  #home;
  #stop;

  constructor({ home, ports, replicas, links, stop }) {
    this.links = links;
    this.#home = home;
    this.#stop = stop;
    this.replicas = listReplicas(ports, replicas);
    this.customerUrls = this.replicas.filter(({ service }) => service === 'order').map(({ url }) => url);
    this.sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
    this.broker = new BrokerControl(
      `http://once:once@127.0.0.1:${ports.management}`,
      callsOf((call) =>
        callRabbitMq({ directory: join(home, 'rabbitmq'), ports }, call, { timeout: CALLED_WITHIN_MS }),
      ),
    );
    this.postgres = new PostgresControl(`postgres://once:once@127.0.0.1:${ports.postgres}`);
  }

  /** For programs that look for the system: the audit, the operator's command line. */
  get environment() {
    return { ONCE_HOME: this.#home, ONCE_PORT_BASE: '' };
  }

  /** `what` is a replica (`order-1`), `postgres`, `rabbitmq` or `sandbox`. Answers false when it does not run just now. */
  signal(what, act) {
    const pid = this.#pidOf(what);
    if (pid === undefined) return false;
    sendSignal(pid, signalOf(what, act));
    return true;
  }

  /** Something that ends and comes back is another process afterwards. */
  incarnationOf(what) {
    return this.#pidOf(what);
  }

  isReady(label) {
    return isReady(this.replicas.find((replica) => replica.label === label).url);
  }

  async isSandboxReady() {
    return isReady(this.sandboxUrl);
  }

  stop() {
    return this.#stop();
  }

  #pidOf(what) {
    const [, name, replica = '0'] = /^(\w+?)(?:-(\d+))?$/.exec(what);
    const entries = JSON.parse(readFileSync(join(this.#home, 'processes.json'), 'utf8'));
    return entries.find((entry) => entry.name === name && entry.replica === Number(replica))?.pid;
  }
}
