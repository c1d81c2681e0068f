/**
 * Second entry points of a service, each without one guard. Production code has no switch for that: what a control takes out is
 * put over the built module while this process loads it, and nothing on disk changes.
 *
 * A change that no longer fits its module is an error, so that a control cannot rot unnoticed.
 */
import { register } from 'node:module';

const repository = new URL('../../', import.meta.url);

/**
 * @param {{ service: 'order' | 'payment' | 'notification', edits: { file: string, find: string, replace: string }[],
 *           environment?: Record<string, string> }} control
 *   `file` from the root of the repository, `find` a text that occurs in it exactly once; `environment` takes away what would
 *   hide that the guard is missing
 */
export const startWithout = async ({ service, edits, environment = {} }) => {
  Object.assign(process.env, environment);
  const data = edits.map(({ file, ...edit }) => ({ ...edit, url: new URL(file, repository).href }));
  register('./edit-modules.mjs', import.meta.url, { data });
  await import(new URL(`services/${service}/dist/main.js`, repository).href);
};

/**
 * A saga that asks again repairs whatever message was lost: without its timers a loss can be seen. (They are the second guard of
 * the same promise.)
 */
export const WITHOUT_ASKING_AGAIN = { SAGA_STEP_TIMEOUT_MS: '600000', SAGA_GIVE_UP_MS: '1200000' };

/**
 * The edit that lets a decision take `ms` longer after the row of `file` was loaded by `query`, so that more decisions meet. A guard
 * that is in place holds all the same: alone, this breaks nothing.
 */
export const decidingSlowly = ({ file, query, ms }) => ({
  file,
  find: `return rowsOf(await ${query});`,
  replace: `const states = rowsOf(await ${query});
    await new Promise((resolve) => setTimeout(resolve, ${ms}));
    return states;`,
});

/** Every decision of the order service loads its rows there. */
export const ORDER_DECIDING_SLOWLY = decidingSlowly({
  file: 'services/order/dist/persistence/order-store.js',
  query: 'this.session.query(statement, [JSON.stringify(numbered)])',
  ms: 250,
});
