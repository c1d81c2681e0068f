import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from './account.decorator.js';
import { unauthorised } from './account.guard.js';
import { Accounts } from './accounts.js';
import { Problem } from './problem.js';

/** Lets only the operator through. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly accounts: Accounts) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const caller = this.accounts.identify(headers.authorization);
    if (caller.kind === 'unknown') throw unauthorised();
    if (caller.kind === 'account') throw new Problem('forbidden', { detail: "This route needs the operator's key." });
    return true;
  }
}
