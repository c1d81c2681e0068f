import { randomBytes } from 'node:crypto';
import { rabbitMqUrls } from './test-infrastructure.js';

export interface TestVhost {
  readonly name: string;
  readonly amqpUrl: string;
  /** Carries user and password, as the services expect it; `fetch` refuses such addresses, use `manage`. */
  readonly managementUrl: string;
  /** Calls the management API: `manage('GET', `/api/queues/${vhost.name}/once.order`)`. */
  manage(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Deletes the vhost with its queues and closes its connections. */
  close(): Promise<void>;
}

export interface VhostPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

export interface VhostUser {
  readonly amqpUrl: string;
  remove(): Promise<void>;
}

/** Creates a vhost for one test file: no test sees another's queues, and stray messages end with it. */
export const testVhost = async (): Promise<TestVhost> => {
  const urls = await rabbitMqUrls();
  const name = `test-${randomBytes(6).toString('hex')}`;
  const manage = managementClient(urls.managementUrl);
  const user = new URL(urls.amqpUrl).username || 'guest';

  await manage('PUT', `/api/vhosts/${name}`);
  await manage('PUT', `/api/permissions/${name}/${user}`, { configure: '.*', write: '.*', read: '.*' });

  const amqpUrl = new URL(urls.amqpUrl);
  amqpUrl.pathname = `/${name}`;
  return {
    name,
    amqpUrl: amqpUrl.href,
    managementUrl: urls.managementUrl,
    manage,
    close: async () => void (await manage('DELETE', `/api/vhosts/${name}`)),
  };
};

/** A user of this vhost alone, who may do what the patterns of names allow. */
export const vhostUser = async (
  { name, amqpUrl, manage }: TestVhost,
  permissions: VhostPermissions,
): Promise<VhostUser> => {
  const [username, password] = [`${name}-user`, randomBytes(6).toString('hex')];
  await manage('PUT', `/api/users/${username}`, { password, tags: '' });
  await manage('PUT', `/api/permissions/${name}/${username}`, permissions);
  const url = new URL(amqpUrl);
  Object.assign(url, { username, password });
  return { amqpUrl: url.href, remove: async () => void (await manage('DELETE', `/api/users/${username}`)) };
};

/** Calls the management API of a broker, whose address carries user and password. */
export const managementClient = (managementUrl: string): TestVhost['manage'] => {
  const { username, password, origin } = new URL(managementUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  return async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} at the management API: ${response.status} ${text}`);
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    return answer;
  };
};
