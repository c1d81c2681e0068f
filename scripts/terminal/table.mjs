/**
 * Rows as text for a terminal, columns as wide as their longest cell. Numbers lean to the right.
 *
 * @param {Record<string, unknown>[]} rows the first one names the columns
 */
export const renderTable = (rows, indent = '') => {
  if (rows.length === 0) return '';
  const columns = Object.keys(rows[0]);
  const cells = rows.map((row) => columns.map((column) => renderCell(row[column])));
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((row) => row[at].length)));
  const line = (row, isHead) =>
    indent +
    row
      .map((cell, at) => {
        const leansRight = !isHead && typeof rows[0][columns[at]] === 'number';
        return leansRight ? cell.padStart(widths[at]) : cell.padEnd(widths[at]);
      })
      .join('  ')
      .trimEnd();
  return [line(columns, true), ...cells.map((row) => line(row, false))].join('\n');
};

const renderCell = (value) => {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
