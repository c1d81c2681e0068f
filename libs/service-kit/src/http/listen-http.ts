import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Listens and returns the URL. The host has no standard value: Fastify's would be reachable from this machine only. */
export async function listenHttp(
  app: NestFastifyApplication,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  await app.listen(port, host);
  return app.getUrl();
}
