/** For the tests of those who write a store of their own; needs vitest. */
export { leaseStoreContract, type LeaseStoreHarness } from './lease-store.contract.js';
