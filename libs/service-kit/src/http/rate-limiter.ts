/**
 * Requests per account and second, by a bucket that holds one second's worth: a burst of that size passes, the rate is
 * kept afterwards. Counted per process, so n replicas let n times the rate through.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  /**
   * @param perSecond 0 lets everything through.
   * @param nowMs a clock that only goes forward
   */
  constructor(
    private readonly perSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  take(account: string): boolean {
    if (this.perSecond === 0) return true;
    const nowMs = this.nowMs();
    const bucket = this.buckets.get(account) ?? { tokens: this.perSecond, atMs: nowMs };
    const refilled = Math.min(this.perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * this.perSecond);
    const isAllowed = refilled >= 1;
    this.buckets.set(account, { tokens: isAllowed ? refilled - 1 : refilled, atMs: nowMs });
    return isAllowed;
  }
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}
