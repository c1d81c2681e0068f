/** Mails, operations and requests with nothing in them but what a test is about. */
import type { Operation } from '@once/contracts';
import type { Correspondence, Mail, MailRequest, Template } from '../src/correspondence/correspondence.js';

export const ORDER_ID = '01900000-0000-7000-8000-000000000001';
export const SAGA_ID = '01900000-0000-7000-8000-0000000000aa';
export const MESSAGE_ID = '01900000-0000-7000-8000-0000000000bb';
export const ATTEMPT_ID = '01900000-0000-7000-8000-0000000000cc';

export const NOW = new Date('2026-01-02T03:04:05.678Z');
/** Minted a second ago. */
export const MESSAGE = { id: MESSAGE_ID, mintedAt: '2026-01-02T03:04:04.678Z' };

export const TERMS = { lease: { holder: 'notification-0', leaseMs: 30_000 }, retentionMs: 35 * 86_400_000 };

export const operationOf = (template: Template, fields: Partial<Operation> = {}): Operation => ({
  sagaId: SAGA_ID,
  step: template === 'confirmed' ? 'send-confirmation' : 'send-cancellation',
  direction: 'action',
  generation: 1,
  ...fields,
});

export const requestFor = (template: Template, fields: Partial<MailRequest> = {}): MailRequest => ({
  template,
  orderId: ORDER_ID,
  operation: operationOf(template),
  to: 'ada@example.com',
  amount: 2400,
  currency: 'EUR',
  reason: template === 'confirmed' ? null : 'requested',
  ...fields,
});

export const mailFor = (template: Template, fields: Partial<Mail> = {}): Mail => ({
  status: 'queued',
  to: 'ada@example.com',
  amount: 2400,
  currency: 'EUR',
  reason: template === 'confirmed' ? null : 'requested',
  operations: [operationOf(template)],
  ...fields,
});

export const correspondenceWith = (fields: Partial<Correspondence> = {}): Correspondence => ({
  orderId: ORDER_ID,
  confirmation: null,
  cancellation: null,
  version: 1,
  ...fields,
});
