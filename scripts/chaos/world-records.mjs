/** What a report tells from the journals of the world outside: faults that were felt, and calls per order. */
const PAGE = 5_000;

export const readWorldRecords = async (sandboxUrl) => {
  const calls = await readAll(sandboxUrl, 'calls');
  const deliveries = await readAll(sandboxUrl, 'deliveries');
  const ledger = await readAll(sandboxUrl, 'ledger');
  return {
    struck: countBy(
      [...calls, ...deliveries].filter(({ fault }) => fault !== null),
      ({ fault }) => fault,
    ),
    callsPerOrder: countBy(
      Object.values(
        countBy(
          calls.filter(({ orderId }) => orderId !== null),
          ({ orderId }) => orderId,
        ),
      ),
      String,
    ),
    captures: ledger.filter(({ kind }) => kind === 'capture').map(({ at }) => Date.parse(at)),
  };
};

const countBy = (rows, keyOf) => {
  const counts = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + 1;
  return counts;
};

const readAll = async (sandboxUrl, journal) => {
  const rows = [];
  for (;;) {
    const response = await fetch(`${sandboxUrl}/sandbox/${journal}?after=${rows.at(-1)?.seq ?? 0}&limit=${PAGE}`);
    if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
    const page = await response.json();
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
};
