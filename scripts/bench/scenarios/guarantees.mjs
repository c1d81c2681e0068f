/** What outbox and idempotency records cost: the same system beside one that writes and reads neither. */
export const guarantees = {
  title: "the guarantees' share",
  systems: ['once', 'unrecorded'],
  measure: (field) => field.measureRounds([{ window: 128 }]),
};
