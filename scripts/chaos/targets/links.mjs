/**
 * Proxies in every link of a system: of each replica to its database, to the broker and to the world outside, and of the customers
 * to each replica of the order service. What goes through them can be cut, held, slowed, and lost at a chosen event.
 */
import { SERVICES } from './replicas.mjs';

/** What a service talks to beside its database and the broker, and by which setting it finds it. */
const OUTSIDE = { payment: 'PAYMENT_PROVIDER_URL', notification: 'SMTP_URL' };

export class Links {
  /** `payment-1 → broker` and its proxy */
  #proxies = new Map();

  /** How a service is to be started, so that it goes through proxies. */
  async environmentOf({ name, replica }, { databases, broker, outside }) {
    if (!SERVICES.includes(name)) return {};
    const label = `${name}-${replica}`;
    const settings = {
      DATABASE_URL: await this.#before(`${label} → database`, databases[name]),
      AMQP_URL: await this.#before(`${label} → broker`, broker.url),
    };
    const setting = OUTSIDE[name];
    if (setting) settings[setting] = await this.#before(`${label} → outside`, outside[setting]);
    return settings;
  }

  /** The address under which customers find a replica. */
  customersTo(label, url) {
    return this.#before(`customers → ${label}`, url);
  }

  namesOf(kind) {
    return [...this.#proxies.keys()].filter((name) => kind.test(name));
  }

  proxy(name) {
    return this.#proxies.get(name);
  }

  async close() {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  async #before(name, url) {
    // Built by now, and not before: a fresh clone has no dist.
    const { FaultProxy } = await import('../../../libs/testing/dist/fault-proxy/fault-proxy.js');
    const proxy = await FaultProxy.before(url);
    this.#proxies.set(name, proxy);
    return proxy.url;
  }
}
