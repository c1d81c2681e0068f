import { effectStoreContract } from '../src/testing/index.js';
import { InMemoryEffects } from './in-memory-effects.js';

effectStoreContract('the store in memory', async () => {
  const store = new InMemoryEffects();
  return { store, expire: (key) => store.age(key, 1_000) };
});
