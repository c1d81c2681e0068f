/** For the tests of those who write a store or a commit statement of their own; needs vitest. */
export { atomicWorkContract, type AtomicWorkHarness } from './atomic-work.contract.js';
export { effectStoreContract, type EffectStoreHarness } from './effect-store.contract.js';
export { leaseStoreContract, type LeaseStoreHarness } from './lease-store.contract.js';
