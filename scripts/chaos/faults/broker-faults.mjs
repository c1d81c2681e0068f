/** The broker stops, dies, hangs up, takes nothing, or forgets everything. */
import { pollUntil } from '../../lib/wait.mjs';
import { sharedLook } from '../targets/shared-look.mjs';
import { SERVICES } from '../targets/replicas.mjs';

/** A node boots in five seconds, and in twice that on two busy cores. */
const BOOTS_MS = 11_000;
const BOOTED_WITHIN_MS = 60_000;

/** Nobody who tries again at once is lucky. A second or two goes into starting again. */
const STOPPED_MS = 2_000;
const STOPS_AND_STARTS_MS = 5_000;

/** Longer than a confirmation may take: publishers notice. */
const ALARMED_MS = 6_000;
const ALARM_ENDS_WITHIN_MS = 30_000;

/**
 * A queue that is killed with its node while it is being born keeps its name and loses its log: RabbitMQ 3.10 then refuses
 * whoever wants to consume from it, for ever. That is the broker's own fault and no fault of ours to survive.
 */
const BORN_AGAIN_MS = 3_000;

export const brokerFaults = (target) => {
  const perService = target.replicas.length / SERVICES.length;
  const hasConsumers = sharedLook(() => target.broker.hasConsumers(SERVICES, perService));
  const isOver = () => hasConsumers('broker');
  return [
    {
      name: 'broker-stop',
      lastsMs: STOPPED_MS,
      takesMs: STOPS_AND_STARTS_MS,
      says: () => 'RabbitMQ is stopped in order',
      strike: async () => {
        await target.broker.stop();
        return async () => {
          await target.broker.start();
          await comeUp(target.broker);
        };
      },
    },
    {
      name: 'broker-kill',
      lastsMs: 0,
      takesMs: BOOTS_MS,
      says: () => 'RabbitMQ is killed',
      strike: async () => {
        if (!(await target.signal('rabbitmq', 'kill'))) throw new Error('RabbitMQ does not run just now');
        return () => comeUp(target.broker);
      },
    },
    {
      name: 'broker-connections',
      lane: 'broker-state',
      says: () => 'RabbitMQ closes every connection',
      lastsMs: 1_000,
      perTwoMinutes: 4,
      strike: async () => {
        if ((await target.broker.closeConnections()) === 0) throw new Error('nobody is connected to the broker');
      },
    },
    {
      name: 'broker-alarm',
      lane: 'broker-state',
      says: () => 'RabbitMQ is out of memory and takes nothing',
      lastsMs: ALARMED_MS,
      strike: async () => {
        await target.broker.setAlarm(true);
        return () => endAlarm(target.broker);
      },
    },
    {
      name: 'broker-topology',
      says: (service) => `the exchange and the queue of the ${service} service are deleted with all that lies in it`,
      lastsMs: BORN_AGAIN_MS,
      targets: SERVICES,
      strike: async (service) => {
        if ((await target.broker.deleteTopology(service)) === 0) throw new Error(`there is no queue of ${service}`);
        return async () => {}; // whoever consumes or publishes declares it again
      },
    },
  ].map((fault) => ({
    targets: ['rabbitmq'],
    perTwoMinutes: 3,
    lane: 'broker',
    ...fault,
    strike: onlyWhenUp(target.broker, fault.strike),
    isOver,
  }));
};

const comeUp = (broker) => pollUntil(() => broker.isUp(), { withinMs: BOOTED_WITHIN_MS, everyMs: 250 });

/** Who is down or boots cannot be struck. The two lanes meet here: what needs a moment of a broker that works waits for one. */
const onlyWhenUp = (broker, strike) => async (what) => {
  if (!(await broker.isUp())) throw new Error('RabbitMQ does not run just now');
  return strike(what);
};

/** A node that was stopped or killed meanwhile has forgotten it. */
const endAlarm = async (broker) => {
  let reason = '';
  const hasEnded = async () => {
    try {
      await broker.setAlarm(false);
      return true;
    } catch (error) {
      reason = error.message;
      return !(await broker.isUp());
    }
  };
  if (!(await pollUntil(hasEnded, { withinMs: ALARM_ENDS_WITHIN_MS, everyMs: 500 }))) throw new Error(reason);
};
