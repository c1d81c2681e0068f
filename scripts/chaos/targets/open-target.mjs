import { join } from 'node:path';
import { startComposeStack } from './compose-target.mjs';
import { startNativeStack } from './native-stack.mjs';
import { findRunningTarget } from './running-target.mjs';

const NEED_PROXIES = /^(all|links|wire|link-.*|commit-.*|answer-lost)$/;

/** The system that a run breaks: one of its own, in processes or in containers, or the one that `npm start` runs. */
export const openTarget = async ({ where, directory, entries, faults }, report) => {
  if (where === 'running') return findRunningTarget();
  if (where === 'containers') return startComposeStack({ report });
  const hasProxies = faults.some((word) => NEED_PROXIES.test(word));
  return startNativeStack({ home: join(directory, 'stack'), report, entries, hasProxies });
};
