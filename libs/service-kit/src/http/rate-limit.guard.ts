import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from './account.decorator.js';
import { Problem } from './problem.js';
import { RateLimiter } from './rate-limiter.js';

/** Refuses an account that asks too often, before its key is looked at. Stands behind AccountGuard. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limiter: RateLimiter) {}

  canActivate(context: ExecutionContext): boolean {
    const { account } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (account === undefined || this.limiter.take(account)) return true;
    throw new Problem('rate-limited', {
      detail: 'This account has sent too many requests in the last second.',
      headers: { 'Retry-After': '1' },
    });
  }
}
