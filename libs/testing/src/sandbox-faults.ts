import type { SpawnedSystem } from './spawned-system.js';

/** Puts these rules in force in the world outside, instead of all that were; none ends every fault. The same seed strikes the same calls. */
export const setFaults = async (
  { sandbox }: Pick<SpawnedSystem, 'sandbox'>,
  rules: readonly object[],
  seed = 1,
): Promise<void> => {
  const response = await fetch(`${sandbox.url}/sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seed, rules }),
  });
  if (!response.ok) throw new Error(`the sandbox refused its faults: ${response.status} ${await response.text()}`);
};
