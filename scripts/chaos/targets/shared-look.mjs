/**
 * One look for all who ask at about the same time. Every fault waits for its recovery; were each to look for itself, the looking
 * would be the heaviest load of a run, and the runner too busy to carry the traffic that goes through its proxies.
 */
const FRESH_MS = 500;

export const sharedLook = (look) => {
  const looks = new Map();
  return (subject) => {
    const known = looks.get(subject);
    if (known && (!known.isOver || performance.now() - known.at < FRESH_MS)) return known.answer;
    const entry = { isOver: false, at: 0, answer: undefined };
    entry.answer = Promise.resolve(look(subject)).finally(() => {
      entry.isOver = true;
      entry.at = performance.now();
    });
    looks.set(subject, entry);
    return entry.answer;
  };
};
