import { eventually } from '@once/testing';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.js';
import { orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

describe('the page at /sandbox, in headless Chromium', () => {
  let sandbox: TestSandbox;
  let browser: Browser;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
    browser = await Browser.open(`${sandbox.url}/sandbox`);
    await eventually(async () => expect(await browser.textOf('#state')).toContain('live'), { withinMs: 30_000 });
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.close();
  });

  const shows = (selector: string, text: string) =>
    eventually(async () => expect(await browser.textOf(selector)).toContain(text), { withinMs: 15_000 });

  it('shows money, calls and webhooks as they happen, the newest on top', async () => {
    const first = await sandbox.capturedIntent();
    await shows('#ledger tbody', orderOf(first));
    const second = await sandbox.authorisedIntent();
    await shows('#ledger tbody tr:first-child', orderOf(second));
    expect(await browser.textOf('#ledger tbody tr:first-child')).toContain('authorise');
    await shows('#calls tbody', 'payment_intents.capture');
    await shows('#deliveries tbody', 'webhooks.deliver');
  });

  it('shows mails, and takes what is in them for text', async () => {
    const subject = '<img src=x onerror="document.title=1"> confirmed';
    await createTransport({ host: '127.0.0.1', port: sandbox.smtpPort }).sendMail({
      from: 'shop@example.com',
      to: 'ada@example.com',
      subject,
      text: 'Thank you.',
      headers: { 'X-Order-Id': 'mailed', 'X-Template': 'confirmed' },
    });
    await shows('#mailbox tbody', subject);
    expect(await browser.textOf('#mailbox tbody')).toContain('mailed');
    expect(await browser.evaluate('document.title')).toBe('Once: the outside world');
  });

  it('puts faults in force, shows that they strike, and clears them', async () => {
    await browser.fill('operation', 'payment_intents.capture');
    await browser.fill('fault', 'rate_limit_429');
    await browser.fill('times', '1');
    await browser.fill('seed', '7');
    await browser.click('#add-fault');
    await shows('#faults tbody', 'rate_limit_429');
    expect(await sandbox.json('GET', '/sandbox/faults')).toEqual({
      seed: 7,
      rules: [{ operation: 'payment_intents.capture', fault: 'rate_limit_429', times: 1 }],
    });

    const intent = await sandbox.authorisedIntent();
    await expect(sandbox.stripe.paymentIntents.capture(intent.id)).rejects.toMatchObject({ statusCode: 429 });
    await shows('#calls td.fault', 'rate_limit_429');
    await eventually(async () => expect(await browser.textOf('#faults tbody td:nth-child(7)')).toBe('1'));

    await browser.click('#clear-faults');
    await shows('#faults tbody', 'none');
    expect(await sandbox.json('GET', '/sandbox/faults')).toMatchObject({ rules: [] });
  });

  it('removes one fault of several', async () => {
    await sandbox.setFaults([
      { operation: 'smtp.send', fault: 'reject_4xx', match: { email: 'nobody@example.com' } },
      { operation: '*', fault: 'slow', times: 0 },
    ]);
    await shows('#faults tbody', 'email nobody@example.com');
    await browser.click('#faults tbody tr:nth-child(2) button');
    await eventually(async () => {
      expect(await sandbox.json('GET', '/sandbox/faults')).toMatchObject({ rules: [{ fault: 'reject_4xx' }] });
    });
    await sandbox.clearFaults();
  });

  it('says what is wrong with a fault that is refused', async () => {
    await browser.fill('times', '');
    await browser.evaluate(`document.querySelector('[name="probability"]').removeAttribute('max')`);
    await browser.fill('probability', '2');
    await browser.click('#add-fault');
    await shows('#fault-problem', 'probability');
    expect(await sandbox.json('GET', '/sandbox/faults')).toMatchObject({ rules: [] });
    await browser.fill('probability', '');
  });

  it('shows one order only, when its id is clicked', async () => {
    const [wanted, other] = [await sandbox.capturedIntent(), await sandbox.capturedIntent()];
    await shows('#ledger tbody', orderOf(other));
    await browser.evaluate(
      `[...document.querySelectorAll('#ledger button.order')].find((element) => element.textContent === '${orderOf(wanted)}').click()`,
    );
    await eventually(async () => {
      const ledger = await browser.textOf('#ledger tbody');
      expect(ledger.match(new RegExp(orderOf(wanted), 'g'))).toHaveLength(2);
      expect(ledger).not.toContain(orderOf(other));
    });
    expect(await browser.textOf('#calls tbody')).not.toContain(orderOf(other));
  });

  it('loads nothing from elsewhere and complains about nothing of its own', async () => {
    const loaded = await browser.evaluate(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin)`,
    );
    expect(new Set(loaded as string[])).toEqual(new Set([sandbox.url]));
    // The refused fault above is the one error the browser reports by itself.
    expect(browser.complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
  });
});
