/**
 * A system whose parts are the containers of docker-compose.yml, two replicas of each service, as a project of the run's own.
 * What is killed is started again by us: an engine restarts nothing that somebody has killed on purpose.
 */
import { offsetsOf, portsFrom, replicaPort } from '../../launcher/settings.mjs';
import { findFreePortBase } from '../../lib/ports.mjs';
import { run } from '../../lib/processes.mjs';
import { pollUntil } from '../../lib/wait.mjs';
import { ComposeProject } from '../../compose/compose-project.mjs';
import { commandsOf } from './broker-commands.mjs';
import { BrokerControl } from './broker-control.mjs';
import { PostgresControl } from './postgres-control.mjs';
import { isReady } from './readiness.mjs';
import { listReplicas } from './replicas.mjs';
import { signalOf } from './signals.mjs';
import { WINDOWS } from './windows.mjs';

const REPLICAS = 2;

/** The ports of the project are those of `npm start`, so that the audit and the operator's commands need only the base. */
const settingsFor = (ports) => ({
  ONCE_ORDER_PORT: ports.order,
  ONCE_PAYMENT_PORT: ports.payment,
  ONCE_NOTIFICATION_PORT: ports.notification,
  ONCE_SANDBOX_PORT: ports.sandbox,
  ONCE_SMTP_PORT: ports.smtp,
  ONCE_POSTGRES_PORT: ports.postgres,
  ONCE_AMQP_PORT: ports.amqp,
  ONCE_AMQP_MANAGEMENT_PORT: ports.management,
  ONCE_ORDER_1_PORT: replicaPort(ports.order, 1),
  ONCE_PAYMENT_1_PORT: replicaPort(ports.payment, 1),
  ONCE_NOTIFICATION_1_PORT: replicaPort(ports.notification, 1),
});

/** Those that the load, the audit and the operator's commands know, whatever .env says. */
const KEYS = {
  API_KEYS: 'demo=sk_demo,acme=sk_acme',
  OPERATOR_KEY: 'op_demo',
  POSTGRES_PASSWORD: 'once',
  RABBITMQ_PASSWORD: 'once',
};

/** As long as docker-compose.yml gives a service; what has not ended then is killed. */
const ENDS_WITHIN_S = 15;
const ENDED_WITHIN_MS = 30_000;
const COMMAND_WITHIN_MS = 60_000;

export const startComposeStack = async ({ report }) => {
  await ComposeProject.checkEngine();
  const base = await findFreePortBase(offsetsOf(REPLICAS));
  const ports = portsFrom(base);
  const name = `once-chaos-${process.pid}`;
  const project = new ComposeProject({
    name,
    profiles: ['replicas'],
    environment: { ...settingsFor(ports), ...WINDOWS, NODE_ENV: 'development', ...KEYS },
  });
  try {
    report('building the image');
    await project.build();
    report('starting the containers');
    await project.up();
    const listed = await docker('ps', '--filter', `label=com.docker.compose.project=${name}`, '--format', LISTED);
    return new ComposeTarget({ project, base, containers: new Map(listed.map((line) => line.split(' '))) });
  } catch (error) {
    report(await project.newestLogs());
    await project.down();
    throw error;
  }
};

const LISTED = '{{.Label "com.docker.compose.service"}} {{.Names}}';

class ComposeTarget {
  #project;
  #base;
  #containers;
  #returns = new Set();

  constructor({ project, base, containers }) {
    this.#project = project;
    this.#base = base;
    this.#containers = containers;
    const ports = portsFrom(base);
    this.replicas = listReplicas(ports, REPLICAS);
    this.customerUrls = this.replicas.filter(({ service }) => service === 'order').map(({ url }) => url);
    this.sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
    this.broker = new BrokerControl(
      `http://once:once@127.0.0.1:${ports.management}`,
      commandsOf((...args) => docker('exec', containers.get('rabbitmq'), 'rabbitmqctl', '--quiet', ...args)),
    );
    this.postgres = new PostgresControl(`postgres://once:once@127.0.0.1:${ports.postgres}`);
  }

  /** For programs that look for the system: the audit, the operator's command line. */
  get environment() {
    return { ONCE_PORT_BASE: String(this.#base) };
  }

  /** `what` is a replica (`order-1`), `postgres`, `rabbitmq` or `sandbox`. Answers false when it does not run just now. */
  async signal(what, act) {
    const container = this.#containerOf(what);
    const { isRunning, isPaused } = await this.#stateOf(container);
    if (act === 'resume') return isPaused && done(docker('unpause', container));
    if (!isRunning || isPaused) return false;
    if (act === 'pause') return done(docker('pause', container));
    if (act === 'terminate') await docker('stop', '--time', `${ENDS_WITHIN_S}`, container);
    else await docker('kill', '--signal', signalOf(what, act), container);
    this.#bringBack(container);
    return true;
  }

  /** The container is cut off from every other, and from us. */
  async disconnect(what) {
    await docker('network', 'disconnect', this.#network, this.#containerOf(what));
  }

  async connect(what) {
    const service = composeServiceOf(what);
    await docker('network', 'connect', '--alias', service, this.#network, this.#containerOf(what));
  }

  /** Something that ends and comes back was started at another time afterwards. */
  async incarnationOf(what) {
    const { isRunning, startedAt } = await this.#stateOf(this.#containerOf(what));
    return isRunning ? startedAt : undefined;
  }

  isReady(label) {
    return isReady(this.replicas.find((replica) => replica.label === label).url);
  }

  async isSandboxReady() {
    return isReady(this.sandboxUrl);
  }

  async stop() {
    await Promise.all(this.#returns);
    await this.#project.down();
  }

  get #network() {
    return `${this.#project.name}_default`;
  }

  #containerOf(what) {
    return this.#containers.get(composeServiceOf(what));
  }

  async #stateOf(container) {
    const format = '{{.State.Running}} {{.State.Paused}} {{.State.StartedAt}}';
    const [line] = await docker('inspect', '--format', format, container);
    const [isRunning, isPaused, startedAt] = line.split(' ');
    return { isRunning: isRunning === 'true', isPaused: isPaused === 'true', startedAt };
  }

  #bringBack(container) {
    const comeBack = async () => {
      const hasEnded = async () => !(await this.#stateOf(container)).isRunning;
      await pollUntil(hasEnded, { withinMs: ENDED_WITHIN_MS, everyMs: 100 });
      await docker('start', container);
    };
    const back = comeBack().catch(() => {}); // whoever waits for it sees that it did not come back
    this.#returns.add(back);
    void back.finally(() => this.#returns.delete(back));
  }
}

/** The first replica has its service's plain name. */
const composeServiceOf = (what) => what.replace(/-0$/, '');

/** The lines that a command of the engine printed. */
const docker = async (...args) => {
  const output = await run('docker', args, { timeout: COMMAND_WITHIN_MS });
  return output.trim().split('\n').filter(Boolean);
};

const done = (command) => command.then(() => true);
