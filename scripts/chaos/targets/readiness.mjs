import { sharedLook } from './shared-look.mjs';

/** Whether a service says that it can serve; one that is stopped says nothing. */
export const isReady = sharedLook((url) =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  ),
);
