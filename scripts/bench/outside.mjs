/** The outside world of a measured system: the sandbox on a Postgres of its own, so that its work is nobody else's. */
import { startService } from '../launcher/services.mjs';

export class Outside {
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

  /** Mails accepted after the one numbered `after`, oldest first. */
  async mails(after) {
    return this.read(`/sandbox/mailbox?after=${after}&limit=1000`);
  }

  async captures() {
    const perOrder = new Map();
    for (let after = 0; ;) {
      const page = await this.read(`/sandbox/ledger?after=${after}&limit=1000`);
      if (page.length === 0) return perOrder;
      after = page.at(-1).seq;
      for (const { kind, orderId } of page)
        if (kind === 'capture') perOrder.set(orderId, (perOrder.get(orderId) ?? 0) + 1);
    }
  }

  async read(path) {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${path}`);
    return response.json();
  }
}
