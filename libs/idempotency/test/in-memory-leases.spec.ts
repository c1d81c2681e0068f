import { InMemoryLeases } from './in-memory-leases.js';
import { leaseStoreContract } from './lease-store.contract.js';

leaseStoreContract('the store in memory', () => Promise.resolve(new InMemoryLeases()));
