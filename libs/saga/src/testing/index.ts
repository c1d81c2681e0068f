export { given, SagaSpecification } from './saga-specification.js';
