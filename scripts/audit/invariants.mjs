import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { UnjudgeableError } from './unjudgeable.mjs';

export const INVARIANTS_FOLDER = new URL('../../load-tests/invariants/', import.meta.url);

/**
 * When an invariant can be judged:
 *
 *   always        whatever is under way: it reads one append-only record
 *   at rest       only when nothing is under way
 *   with requests at rest, and only when the caller says what was asked
 */
export const OCCASIONS = ['always', 'at rest', 'with requests'];

/** Every invariant: its name, its promise in words, when it is judged, and the query that finds what breaks it. */
export const loadInvariants = () =>
  readdirSync(INVARIANTS_FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseInvariant(basename(file, '.sql'), readFileSync(new URL(file, INVARIANTS_FOLDER), 'utf8')));

/** The first paragraph of comments is the promise; a line "judged: …" says when, at rest unless it is there. */
const parseInvariant = (name, query) => {
  const comments = /^(?:--[^\n]*\n)+/.exec(query)?.[0].replaceAll(/^-- ?/gm, '') ?? '';
  const promise = comments.split('\n\n')[0].replaceAll('\n', ' ').trim();
  const judged = /^judged: (.+)$/m.exec(comments)?.[1] ?? 'at rest';
  if (promise === '' || !OCCASIONS.includes(judged)) {
    throw new UnjudgeableError(`${name}.sql must begin with its promise, and be judged ${OCCASIONS.join(', or ')}.`);
  }
  return { name, promise, judged, query };
};

/** Runs those of the invariants that the occasions allow; the others are not judged, and say why. */
export const judge = async (scratch, invariants, { isAtRest, hasRequests }) => {
  const results = [];
  for (const { name, promise, judged, query } of invariants) {
    const obstacle = obstacleTo(judged, { isAtRest, hasRequests });
    if (obstacle) {
      results.push({ name, promise, verdict: 'not judged', why: obstacle, rows: [] });
      continue;
    }
    const rows = await find(scratch, name, query);
    results.push({ name, promise, verdict: rows.length === 0 ? 'holds' : 'broken', rows });
  }
  return results;
};

const obstacleTo = (judged, { isAtRest, hasRequests }) => {
  if (judged === 'with requests' && !hasRequests) return 'needs --requests';
  return judged !== 'always' && !isAtRest ? 'the system is not at rest' : undefined;
};

const find = async (scratch, name, query) => {
  try {
    return await scratch.query(query);
  } catch (error) {
    throw new UnjudgeableError(`The invariant ${name} could not be judged: ${error.message}.`, { cause: error });
  }
};
