import { InMemoryLeases } from './in-memory-leases.js';
import { leaseStoreContract } from '../src/testing/index.js';

leaseStoreContract('the store in memory', () => Promise.resolve(new InMemoryLeases()));
