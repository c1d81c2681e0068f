import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from './account.decorator.js';
import { Accounts } from './accounts.js';
import { Problem } from './problem.js';

/** Lets accounts through and notes which one asks; see the `@Account()` parameter. */
@Injectable()
export class AccountGuard implements CanActivate {
  constructor(private readonly accounts: Accounts) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const caller = this.accounts.identify(request.headers.authorization);
    if (caller.kind === 'unknown') throw unauthorised();
    if (caller.kind === 'operator')
      throw new Problem('forbidden', { detail: "The operator's key opens no customer route." });
    request.account = caller.account;
    return true;
  }
}

export const unauthorised = (): Problem =>
  new Problem('unauthorised', {
    detail: 'Send a known API key as a bearer token.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
