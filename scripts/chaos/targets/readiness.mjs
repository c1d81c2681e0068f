/** Whether a service says that it can serve; one that is stopped says nothing. */
export const isReady = (url) =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
