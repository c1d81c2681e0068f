/** One line of an order's history. */
export interface TimelineLine {
  readonly seq: number;
  readonly at: string;
  readonly service: string;
  readonly replica: string;
  readonly saga: string;
  readonly step: string | null;
  readonly direction: string | null;
  readonly generation: number | null;
  readonly attempt: number | null;
  readonly event: string;
  readonly outcome: string | null;
  readonly messageId: string | null;
  /** The seq of the line that led to this one. */
  readonly cause: number | null;
  readonly traceId: string | null;
  readonly detail: unknown;
}

/** The timeline for a terminal: one line each, columns aligned by the longest entry. */
export function renderTimeline(lines: readonly TimelineLine[]): string {
  const rows = lines.map((line) => [
    String(line.seq),
    line.at.slice(11, 23),
    line.event,
    line.step === null ? '' : `${line.step}${line.direction === 'compensation' ? ' (undo)' : ''}`,
    line.attempt === null || line.attempt <= 1 ? '' : `attempt ${line.attempt}`,
    line.outcome ?? '',
    reasonOf(line.detail),
  ]);
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)),
    [],
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function reasonOf(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null || !('reason' in detail)) return '';
  return typeof detail.reason === 'string' ? detail.reason : '';
}
