export type StatementKind = 'begin' | 'commit' | 'rollback' | 'change' | 'other';

/**
 * What a statement does to a transaction. A statement that changes rows in a CTE is a change, whatever it begins with:
 * its own answer counts rows of the outer SELECT. A function that writes cannot be seen here.
 */
export function statementKind(text: string): StatementKind {
  const known = kinds.get(text);
  if (known !== undefined) return known;
  const kind = kindOf(text);
  if (kinds.size < KNOWN_MAX) kinds.set(text, kind);
  return kind;
}

/** Programs have few texts and execute them often. */
const kinds = new Map<string, StatementKind>();
const KNOWN_MAX = 1_000;

function kindOf(text: string): StatementKind {
  const start = text.trimStart().slice(0, 100).toLowerCase();
  if (/^(begin|start\s+transaction)\b/.test(start)) return 'begin';
  if (/^(commit|end)\b/.test(start)) return 'commit';
  if (/^(rollback|abort)\b(?!\s+to\b)/.test(start)) return 'rollback';
  return ROWS_CHANGE.test(text) || TABLES_CHANGE.test(text) ? 'change' : 'other';
}

/** Not `select … for update`, and not a column that is called `update`. */
const ROWS_CHANGE = /\b(insert\s+into|delete\s+from|merge\s+into|update\s+(only\s+)?[\w."]+(\s+(as\s+)?\w+)?\s+set)\b/i;

const TABLES_CHANGE = /(^|;)\s*(create|alter|drop|truncate)\b/i;
