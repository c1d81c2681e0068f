import { readFileSync } from 'node:fs';
import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { FAULTS, OPERATIONS } from '../faults/fault-rule.js';

/** The page may load its own files and talk to its own server, and nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'";

const FILES = ['elements.mjs', 'faults.mjs', 'records.mjs', 'requests.mjs', 'sandbox.css', 'sandbox.mjs'] as const;

/** Lies beside both `src` and `dist`. */
const read = (name: string): string => readFileSync(new URL(`../../public/${name}`, import.meta.url), 'utf8');

/** A window into the outside world, for people. */
@ApiExcludeController()
@Controller('sandbox')
export class PageController {
  /** Read once: the page is part of the program. */
  private readonly page = read('sandbox.html');
  private readonly files = new Map<string, string>(FILES.map((name) => [name, read(name)]));

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  open(): string {
    return this.page;
  }

  @Get('page/:name')
  file(@Param('name') name: string, @Res() response: FastifyReply): void {
    const text = this.files.get(name);
    if (text === undefined) throw new NotFoundException();
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    void response.header('content-type', `${type}; charset=utf-8`).send(text);
  }

  /** What a fault rule may say. */
  @Get('choices')
  choices(): { readonly operations: readonly string[]; readonly faults: readonly string[] } {
    return { operations: OPERATIONS, faults: FAULTS };
  }
}
