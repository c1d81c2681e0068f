/**
 * Everything a run can break, by name: how long it lasts, whom it can hit, and how it is done and undone.
 *
 * `strike` resolves when the harm is done, with what undoes it (or with nothing, where it undoes itself). `isOver` says
 * whether the system has recovered from it; what has no such question is over when it is undone.
 */
import { brokerFaults } from './broker-faults.mjs';
import { linkFaults } from './link-faults.mjs';
import { postgresFaults } from './postgres-faults.mjs';
import { processFaults } from './process-faults.mjs';
import { worldFaults } from './world-faults.mjs';

/** The faults that this target can suffer. */
export const faultsOf = (target, world) => [
  ...processFaults(target),
  ...postgresFaults(target),
  ...brokerFaults(target),
  ...linkFaults(target),
  ...worldFaults(world),
];

/** `kill,stop` names faults, `broker` a whole lane, `all` everything. Returns undefined for a word that is neither. */
export const chooseFaults = (faults, words) => {
  if (words.includes('all')) return faults;
  const unknown = words.find((word) => !faults.some(({ name, lane }) => name === word || lane === word));
  if (unknown !== undefined) return undefined;
  return faults.filter(({ name, lane }) => words.includes(name) || words.includes(lane));
};
