/** Vitest setup file: no service outlives the test file that started it. */
import { afterAll } from 'vitest';
import { killSpawnedServices } from './spawned-service.js';

afterAll(killSpawnedServices);
