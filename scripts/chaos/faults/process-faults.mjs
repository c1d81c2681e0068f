/** SIGKILL, SIGSTOP beyond every lease, and SIGTERM of any replica of any service. */

/** The lease of a run is six seconds: who is stopped for longer has lost what it held, and does not know. */
const STOPPED_MS = 7_500;

/** A service is back two to four seconds after its end. */
const RESTARTED_MS = 4_000;

export const processFaults = (target) => {
  const labels = target.replicas.map(({ label }) => label);
  return [
    {
      name: 'kill',
      says: (label) => `${label} is killed`,
      lastsMs: RESTARTED_MS,
      perTwoMinutes: 8,
      strike: (label) => send(target, label, 'kill'),
    },
    {
      name: 'terminate',
      says: (label) => `${label} is asked to end`,
      lastsMs: RESTARTED_MS,
      perTwoMinutes: 4,
      strike: (label) => send(target, label, 'terminate'),
    },
    {
      name: 'stop',
      says: (label) => `${label} is stopped for longer than its leases`,
      lastsMs: STOPPED_MS,
      perTwoMinutes: 4,
      strike: async (label) => {
        await send(target, label, 'pause');
        return () => target.signal(label, 'resume');
      },
    },
  ].map((fault) => ({ ...fault, lane: 'process', targets: labels, isOver: (label) => target.isReady(label) }));
};

const send = async (target, label, how) => {
  if (!(await target.signal(label, how))) throw new Error(`${label} does not run just now`);
};
