/** What ends or stops a process. */
const SIGNALS = { kill: 'SIGKILL', terminate: 'SIGTERM', pause: 'SIGSTOP', resume: 'SIGCONT', immediate: 'SIGQUIT' };

/**
 * SIGQUIT is Postgres' immediate shutdown: no checkpoint, no goodbye; the next start recovers from the log. On SIGTERM it
 * would wait for its clients to leave, who do not; its orderly end is SIGINT.
 */
export const signalOf = (what, act) => (what === 'postgres' && act === 'terminate' ? 'SIGINT' : SIGNALS[act]);
