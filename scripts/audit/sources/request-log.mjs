import { open } from 'node:fs/promises';
import { UnjudgeableError } from '../unjudgeable.mjs';

const CHUNK_LINES = 5_000;

/**
 * What a load generator sent and what it was answered: one JSON object per line with the columns of table `request` in
 * `scratch.sql`, such as {"sent_at":"…","received_at":"…","account":"demo","key":"k-1","fingerprint":"…","method":"POST",
 * "path":"/orders","status":202,"body_digest":"…","order_id":"…","order_status":"pending"}. No status means no answer.
 */
export class RequestLog {
  #file;

  constructor(file) {
    this.#file = file;
  }

  async copyInto(scratch) {
    await scratch.fillFrom('request', this.#chunks());
  }

  async *#chunks() {
    let lines = [];
    let seq = 0;
    for await (const line of await this.#lines()) {
      if (line.trim() === '') continue;
      seq += 1;
      lines.push(this.#numbered(line, seq));
      if (lines.length === CHUNK_LINES) {
        yield `[${lines.join(',')}]`;
        lines = [];
      }
    }
    if (lines.length > 0) yield `[${lines.join(',')}]`;
  }

  async #lines() {
    try {
      return (await open(this.#file)).readLines();
    } catch (error) {
      throw new UnjudgeableError(`The request log cannot be read: ${error.message}.`, { cause: error });
    }
  }

  #numbered(line, seq) {
    try {
      return JSON.stringify({ ...JSON.parse(line), seq });
    } catch (error) {
      throw new UnjudgeableError(`Line ${seq} of ${this.#file} is not JSON.`, { cause: error });
    }
  }
}
