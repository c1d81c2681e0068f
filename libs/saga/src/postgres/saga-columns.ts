import type { SagaInstance } from '../saga-instance.js';

/**
 * A row of `saga` as a SagaInstance. The names and types are those of the interface; the table's constraints keep the
 * values among those it lists.
 */
const COLUMNS = {
  id: 'id',
  subjectId: 'subject_id',
  definition: 'definition',
  definitionVersion: 'definition_version',
  state: 'state',
  step: 'step',
  direction: 'direction',
  generation: 'generation',
  attempt: 'attempt',
  reason: 'reason',
  parkedReason: 'parked_reason',
  version: 'version',
} as const satisfies Record<keyof SagaInstance, string>;

/** A select list: one column per field of SagaInstance. */
export const sagaColumns = (alias: string): string =>
  Object.entries(COLUMNS)
    .map(([field, column]) => `${alias}.${column} as "${field}"`)
    .join(', ');

const sagaJson = (alias: string): string =>
  `jsonb_build_object(${Object.entries(COLUMNS)
    .map(([field, column]) => `'${field}', ${alias}.${column}`)
    .join(', ')})`;

/** A scalar subquery for a load statement: the saga with this id as a SagaInstance in jsonb, or null. */
export const sagaOf = (id: string): string => `(select ${sagaJson('s')} from saga s where s.id = ${id})`;

/** A scalar subquery for a load statement: the subject's newest saga as a SagaInstance in jsonb, or null. */
export const newestSagaOf = (subjectId: string): string =>
  `(select ${sagaJson('s')} from saga s where s.subject_id = ${subjectId} order by s.created_at desc limit 1)`;
