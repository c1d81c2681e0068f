/** Everything is restarted in order, and whatever was given up is tried again: a truth that this changes was none. */
import { OperatorApi, SERVICES } from '../operator/operator-api.mjs';
import { pollUntil } from '../lib/wait.mjs';

const BACK_WITHIN_MS = 120_000;

export const restartEverything = async (target, report) => {
  for (const what of ['postgres', 'rabbitmq', ...target.replicas.map(({ label }) => label)]) {
    const before = await target.incarnationOf(what);
    await target.signal(what, 'terminate');
    await until(async () => {
      const now = await target.incarnationOf(what);
      return now !== undefined && now !== before;
    }, `${what} did not come back`);
  }
  report('waiting until everything is ready again');
  for (const { label } of target.replicas) await until(() => target.isReady(label), `${label} is not ready`);
  const perService = target.replicas.length / SERVICES.length;
  await until(() => target.broker.hasConsumers(SERVICES, perService), 'a queue has no consumer');
  await until(() => target.isSandboxReady(), 'the sandbox is not ready');
};

const until = async (holds, complaint) => {
  if (!(await pollUntil(holds, { withinMs: BACK_WITHIN_MS, everyMs: 250 }))) throw new Error(complaint);
};

/** Returns what was redriven, with its service. */
export const redriveDeadLetters = async (target) => {
  const api = new OperatorApi({ ...process.env, ...target.environment, ...target.operatorEnvironment });
  const redriven = [];
  for (const service of SERVICES) {
    for (const { id, type, reason } of await api.list(service, '/operator/dead-letters')) {
      await api.post(service, `/operator/dead-letters/${id}/redrive`);
      redriven.push({ service, id, type, reason });
    }
  }
  return redriven;
};
