import type { IncomingHttpHeaders } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** A request that AccountGuard has let through carries its account. */
export interface AuthenticatedRequest {
  readonly headers: IncomingHttpHeaders;
  account?: string;
}

/** The account that asks. Only for routes behind AccountGuard. */
export const Account = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { account } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (account === undefined) throw new TypeError('@Account() needs AccountGuard on its route');
  return account;
});
