import { renderTable } from './table.mjs';

/** What happened to an order, one line each, as a person reads it. */
export const renderTimeline = (lines, indent = '') =>
  renderTable(
    lines.map(({ seq, at, service, replica, step, direction, generation, attempt, event, outcome, detail }) => ({
      seq,
      at: new Date(at).toISOString().slice(11, 23),
      by: `${service}-${replica}`,
      event,
      step: step === null ? '' : `${step}${direction === 'compensation' ? ' (undo)' : ''}`,
      try: tryOf(generation, attempt),
      outcome,
      detail: detailOf(detail),
    })),
    indent,
  );

/** Only what is not the first says something. */
const tryOf = (generation, attempt) =>
  [generation > 1 && `generation ${generation}`, attempt > 1 && `attempt ${attempt}`].filter(Boolean).join(', ');

const detailOf = (detail) =>
  Object.entries(detail ?? {})
    .filter(([name]) => name !== 'command' && name !== 'name')
    .map(([name, value]) => (name === 'reason' ? value : `${name}: ${value}`))
    .join(', ');
