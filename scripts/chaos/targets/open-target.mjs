import { join } from 'node:path';
import { startNativeStack } from './native-stack.mjs';

/** The system that a run breaks: one of its own, the one that `npm start` runs, or containers. */
export const openTarget = async ({ where, directory, entries }, report) => {
  switch (where) {
    case 'own':
      return startNativeStack({ home: join(directory, 'stack'), report, entries });
    default:
      throw new Error(`There is no ${where} target.`);
  }
};
