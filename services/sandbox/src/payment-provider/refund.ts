/** Money on its way back; at this provider a refund succeeds at once. */
export interface Refund {
  readonly id: string;
  readonly seq: number;
  readonly paymentIntent: string;
  readonly chargeId: string | null;
  readonly paymentMethod: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}
