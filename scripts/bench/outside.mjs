/** The outside world of a measured system: the sandbox on a Postgres of its own, so that its work is nobody else's. */
import { startService } from '../launcher/services.mjs';

export class Outside {
  lastMail = 0;
  lastEntry = 0;
  /** Orders whose customer was told that they are confirmed. */
  confirmed = new Set();
  /** By order: how often it was captured. */
  captures = new Map();

  constructor(url, smtpUrl, pid) {
    this.url = url;
    this.smtpUrl = smtpUrl;
    this.pid = pid;
  }

  static async start(scaffold, { port, smtpPort, webhookUrl }) {
    const databases = await scaffold.addPostgres('outside-postgres', ['sandbox']);
    const settings = {
      ports: { sandbox: port, smtp: smtpPort },
      logs: scaffold.logs,
      environment: { SANDBOX_WEBHOOK_URL: webhookUrl, LOG_LEVEL: 'error' },
    };
    const sandbox = await scaffold.add(
      'sandbox',
      await startService({ name: 'sandbox', replica: 0, port }, { settings, databases, broker: {} }),
    );
    return new Outside(`http://127.0.0.1:${port}`, `smtp://127.0.0.1:${smtpPort}`, sandbox.pid);
  }

  /** How the provider answers: milliseconds, and a tail of them. */
  async setLatency(settings) {
    const response = await fetch(`${this.url}/sandbox/settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(settings),
    });
    if (!response.ok) throw new Error(`the sandbox refused its settings: ${response.status} ${await response.text()}`);
  }

  /** Mails accepted since the last call, oldest first; the next page of them when there are many. */
  async newMails() {
    const mails = await this.read(`/sandbox/mailbox?after=${this.lastMail}&limit=1000`);
    this.lastMail = mails.at(-1)?.seq ?? this.lastMail;
    for (const { orderId, template } of mails) if (template === 'confirmed') this.confirmed.add(orderId);
    return mails;
  }

  /** The orders that were captured more than once, and those that are confirmed and were never captured. */
  async findHarm() {
    for (;;) {
      const page = await this.read(`/sandbox/ledger?after=${this.lastEntry}&limit=1000`);
      if (page.length === 0) break;
      this.lastEntry = page.at(-1).seq;
      for (const { kind, orderId } of page)
        if (kind === 'capture') this.captures.set(orderId, (this.captures.get(orderId) ?? 0) + 1);
    }
    const repeated = [...this.captures].filter(([, count]) => count > 1).map(([orderId]) => orderId);
    return { repeated, unpaid: [...this.confirmed].filter((orderId) => !this.captures.has(orderId)) };
  }

  async read(path) {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${path}`);
    return response.json();
  }
}
