/**
 * Rows as text for a terminal, columns as wide as their longest cell. Columns of numbers lean to the right.
 *
 * @param {Record<string, unknown>[]} rows the first one names the columns
 */
export const renderTable = (rows, indent = '') => {
  if (rows.length === 0) return '';
  const columns = Object.keys(rows[0]);
  const cells = rows.map((row) => columns.map((column) => renderCell(row[column])));
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((row) => row[at].length)));
  const leansRight = columns.map((_, at) => cells.every((row) => NUMBER.test(row[at])));
  const line = (row) =>
    indent +
    row
      .map((cell, at) => (leansRight[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join('  ')
      .trimEnd();
  return [line(columns), ...cells.map(line)].join('\n');
};

/** With its unit; an empty cell leans wherever the others do. */
const NUMBER = /^(-?[\d.,/]+( ?(%|x|kB|ms))?)?$/;

const renderCell = (value) => {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
