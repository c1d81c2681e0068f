/** A definition that could never run; thrown while the process starts, so it reaches a programmer and not an order. */
export class InvalidSagaDefinitionError extends Error {
  readonly code = 'invalid-saga-definition';
  override readonly name = 'InvalidSagaDefinitionError';

  constructor(
    readonly saga: string,
    readonly problem: string,
  ) {
    super(`saga ${saga}: ${problem}`);
  }
}
