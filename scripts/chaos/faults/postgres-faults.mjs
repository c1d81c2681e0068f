/** The database server stops at once, or ends the sessions of a service. */
import { sharedLook } from '../targets/shared-look.mjs';
import { SERVICES } from '../targets/replicas.mjs';

/** Crash recovery takes a second, and the services find their way back in another. */
const RECOVERED_MS = 4_000;

export const postgresFaults = (target) => {
  const isOver = sharedLook(async () => (await target.postgres.isReady()) && allReady(target));
  return [
    {
      name: 'postgres-stop',
      says: () => 'Postgres stops at once',
      lastsMs: RECOVERED_MS,
      perTwoMinutes: 3,
      targets: ['postgres'],
      strike: async () => {
        if (!(await target.signal('postgres', 'immediate'))) throw new Error('Postgres does not run just now');
      },
    },
    {
      name: 'postgres-backends',
      says: (service) => `Postgres ends every session of the ${service} service`,
      lastsMs: 1_000,
      perTwoMinutes: 4,
      targets: SERVICES,
      strike: async (service) => {
        const ended = await target.postgres.terminateBackends(service);
        if (ended === 0) throw new Error(`the ${service} service has no session`);
      },
    },
  ].map((fault) => ({ ...fault, lane: 'postgres', isOver: () => isOver('postgres') }));
};

const allReady = async (target) =>
  (await Promise.all(target.replicas.map(({ label }) => target.isReady(label)))).every(Boolean);
