/** Asks the sandbox; throws what it says about a request that it refuses. */
export async function request(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  const fields = answer.errors?.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new Error(fields ?? answer.detail ?? answer.title);
}
