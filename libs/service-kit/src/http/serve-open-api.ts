import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** `/docs` for people and `/docs-json` for tools, written from the routes and their schemas when first asked for. */
export function serveOpenApi(app: NestFastifyApplication, service: string): void {
  const config = new DocumentBuilder()
    .setTitle(`Once: ${service}`)
    .setDescription(
      'Every answer that is not a success is application/problem+json (RFC 9457); its type is a page under /problems.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), { jsonDocumentUrl: 'docs-json' });
}
