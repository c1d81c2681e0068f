import { createHmac } from 'node:crypto';

/** The value of `Stripe-Signature`: the receiver recomputes it over the exact bytes it received. */
export function signatureOf(body: string, secret: string, atMs: number): string {
  const timestamp = Math.floor(atMs / 1_000);
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return `t=${timestamp},v1=${signature}`;
}
