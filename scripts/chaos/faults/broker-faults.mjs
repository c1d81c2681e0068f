/** The broker stops, dies, hangs up, takes nothing, or forgets everything. */
import { sharedLook } from '../targets/shared-look.mjs';
import { SERVICES } from '../targets/replicas.mjs';

/** A node boots in five to ten seconds, and its consumers come back right after. */
const BOOTED_MS = 9_000;

/** Nobody who tries again at once is lucky. */
const STOPPED_MS = 2_000;

/** Longer than a confirmation may take: publishers notice. */
const ALARMED_MS = 6_000;

export const brokerFaults = (target) => {
  const perService = target.replicas.length / SERVICES.length;
  const hasConsumers = sharedLook(() => target.broker.hasConsumers(SERVICES, perService));
  const isOver = () => hasConsumers('broker');
  return [
    {
      name: 'broker-stop',
      lane: 'broker',
      lastsMs: STOPPED_MS,
      says: () => 'RabbitMQ is stopped in order',
      strike: async () => {
        await target.broker.stop();
        return () => target.broker.start();
      },
    },
    {
      name: 'broker-kill',
      lane: 'broker',
      lastsMs: BOOTED_MS,
      says: () => 'RabbitMQ is killed',
      strike: async () => {
        if (!(await target.signal('rabbitmq', 'kill'))) throw new Error('RabbitMQ does not run just now');
      },
    },
    {
      name: 'broker-connections',
      says: () => 'RabbitMQ closes every connection',
      lastsMs: 1_000,
      perTwoMinutes: 4,
      strike: async () => {
        if ((await target.broker.closeConnections()) === 0) throw new Error('nobody is connected to the broker');
      },
    },
    {
      name: 'broker-alarm',
      says: () => 'RabbitMQ is out of memory and takes nothing',
      lastsMs: ALARMED_MS,
      strike: async () => {
        await target.broker.setAlarm(true);
        return () => target.broker.setAlarm(false);
      },
    },
    {
      name: 'broker-topology',
      says: (service) => `the exchange and the queue of the ${service} service are deleted with all that lies in it`,
      lastsMs: 1_000,
      targets: SERVICES,
      strike: async (service) => {
        if ((await target.broker.deleteTopology(service)) === 0) throw new Error(`there is no queue of ${service}`);
      },
    },
  ].map((fault) => ({ targets: ['rabbitmq'], perTwoMinutes: 3, lane: 'broker-state', ...fault, isOver }));
};
