/** The definitions this process knows, by name and version. */
import { InvalidSagaDefinitionError } from './errors.js';
import type { SagaDefinition } from './saga-definition.js';
import type { SagaInput } from './saga-input.js';
import type { SagaInstance } from './saga-instance.js';
import { transition } from './saga-transitions.js';
import type { Transition } from './transition.js';
import { parkUnreadable } from './unreadable-saga.js';

export class SagaCatalogue {
  private readonly definitions = new Map<string, SagaDefinition>();

  constructor(definitions: readonly SagaDefinition[]) {
    for (const definition of definitions) {
      const key = keyOf(definition.name, definition.version);
      if (this.definitions.has(key)) throw new InvalidSagaDefinitionError(key, 'defined twice');
      this.definitions.set(key, definition);
    }
  }

  /** What `input` does to `saga`; a saga of an unknown definition or version is parked. */
  transition(saga: SagaInstance, input: SagaInput): Transition {
    const key = keyOf(saga.definition, saga.definitionVersion);
    const definition = this.definitions.get(key);
    return definition === undefined
      ? parkUnreadable(saga, `definition ${key} is not known`)
      : transition(definition, saga, input);
  }
}

const keyOf = (name: string, version: number): string => `${name} ${version}`;
