import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { isProblemSlug, problemCatalogue, problemKind, type ProblemSlug } from './problem-catalogue.js';
import { Problem } from './problem.js';

/** The pages behind the `type` of every problem, written for the person who reads an error in a log. */
@ApiExcludeController()
@Controller('problems')
export class ProblemsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  list(): string {
    const slugs = Object.keys(problemCatalogue).filter(isProblemSlug);
    const items = slugs.map((slug) => `<li><a href="/problems/${slug}">${slug}</a> (${problemKind(slug).status})</li>`);
    return page('Problems', `<ul>${items.join('')}</ul>`);
  }

  @Get(':slug')
  @Header('content-type', 'text/html; charset=utf-8')
  show(@Param('slug') slug: string): string {
    if (!isProblemSlug(slug)) throw new Problem('not-found', { detail: 'There is no problem of that name.' });
    return renderProblem(slug);
  }
}

function renderProblem(slug: ProblemSlug): string {
  const { status, title, meaning, advice, operation } = problemKind(slug);
  const key =
    operation === undefined
      ? ''
      : `<p>With a key: <code>operationState</code> is <code>${operation.operationState}</code>; a new key is ${operation.safeNewKey ? 'safe' : 'NOT safe'}.</p>`;
  return page(
    title,
    `<p><code>${slug}</code>, status ${status}</p><p>${meaning}</p><p><strong>What to do:</strong> ${advice}</p>${key}`,
  );
}

/** Takes texts of the catalogue only, never of a request, so there is nothing to escape. */
function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width"></head>
<body style="font:16px/1.5 system-ui;max-width:40em;margin:3em auto;padding:0 1em"><h1>${title}</h1>${content}</body></html>
`;
}
