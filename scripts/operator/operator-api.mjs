/** The operator's routes of the three services, and the sandbox's ledger beside them. A thin client: it decides nothing. */
import { findWhereabouts } from '../launcher/whereabouts.mjs';
import { LaunchError } from '../lib/errors.mjs';

/** Far above what an answer takes, far below a hang. */
const ANSWER_WITHIN_MS = 10_000;

export const SERVICES = ['order', 'payment', 'notification'];

export class OperatorApi {
  #urls;
  #key;

  constructor(environment = process.env) {
    const { portOf } = findWhereabouts(environment);
    const urlOf = (name) => environment[`${name.toUpperCase()}_URL`] || `http://127.0.0.1:${portOf(name)}`;
    this.#urls = Object.fromEntries([...SERVICES, 'sandbox'].map((name) => [name, urlOf(name)]));
    this.#key = environment.OPERATOR_KEY || 'op_demo';
  }

  async get(service, path) {
    return (await this.#ask(service, 'GET', path)).body;
  }

  /** The answer with its ETag, or undefined where there is no such thing. */
  async find(service, path) {
    const { status, body, etag } = await this.#send(service, 'GET', path);
    if (status === 404) return undefined;
    return { body: this.#accept(service, status, body), etag };
  }

  async post(service, path, body, withinMs) {
    return (await this.#ask(service, 'POST', path, body, {}, withinMs)).body;
  }

  async put(service, path, body, etag) {
    return (await this.#ask(service, 'PUT', path, body, { 'if-match': etag })).body;
  }

  /** Every row of a list, page by page. */
  async list(service, path) {
    const rows = [];
    for (let cursor = ''; cursor !== null;) {
      const separator = path.includes('?') ? '&' : '?';
      const query = cursor === '' ? 'limit=100' : `limit=100&cursor=${cursor}`;
      const page = await this.get(service, path + separator + query);
      rows.push(...page.data);
      cursor = page.nextCursor;
    }
    return rows;
  }

  async #ask(service, method, path, body, headers, withinMs) {
    const { status, body: answer } = await this.#send(service, method, path, body, headers, withinMs);
    return { body: this.#accept(service, status, answer) };
  }

  async #send(service, method, path, body, headers = {}, withinMs = ANSWER_WITHIN_MS) {
    const url = this.#urls[service] + path;
    try {
      const response = await fetch(url, {
        method,
        signal: AbortSignal.timeout(withinMs),
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...headers,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await readJson(response), etag: response.headers.get('etag') };
    } catch (error) {
      const name = service === 'sandbox' ? 'sandbox' : `${service} service`;
      throw new LaunchError(
        `The ${name} at ${this.#urls[service]} does not answer (${error.cause?.message ?? error.message}).\n` +
          `  Start it with npm start, or say where it is: ONCE_PORT_BASE=4000, or ${service.toUpperCase()}_URL=http://…`,
        { cause: error },
      );
    }
  }

  #accept(service, status, body) {
    if (status < 400) return body;
    throw new LaunchError(describeProblem(service, status, body));
  }
}

const readJson = async (response) => {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { title: text.slice(0, 200) }; // something that is not one of our services answers there
  }
};

const describeProblem = (service, status, { title, detail, errors = [] }) => {
  if (status === 401 || status === 403) {
    return `The ${service} service does not take this key as the operator's: set OPERATOR_KEY.`;
  }
  const fields = errors.map(({ field, message }) => `\n  ${field}: ${message}`).join('');
  return `${title ?? 'Error'} (${status})${detail ? `: ${detail}` : ''}${fields}`;
};
