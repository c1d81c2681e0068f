/** Once beside DBOS Transact, which does the same work: orders in flight, and orders per second whatever becomes of them. */
export const peer = {
  title: 'beside DBOS Transact',
  systems: ['once', 'dbos'],
  measure: (field, { windows, rates }) =>
    field.measureRounds([...windows.map((window) => ({ window })), ...rates.map((rate) => ({ rate }))]),
};
