import { z } from 'zod';
import type { Sink } from '../../src/index.js';

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z.object({ total_tokens: z.int() }).optional(),
});

export interface LlmOptions {
  /** Of an OpenAI-compatible endpoint, up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
}

/**
 * A language model as a sink. It bills every request that it starts, keeps no object to be read, and its clients promise
 * no idempotency key (they may send the header; nothing is documented to honour it). So at most one request is ever sent
 * for a job, and a lost answer is recorded as an unknown cost. Whoever wants another try makes another job.
 */
export function llmSink({ baseUrl, apiKey, timeoutMs }: LlmOptions): Sink {
  return {
    resolution: { kind: 'blind', sends: 'at-most-once' },
    send: async ({ key, request }) => {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: request,
        redirect: 'manual', // followed, it would be a second request
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body = await response.text();
      // A gateway's 5xx says nothing about the model behind it, which may have generated and billed.
      if (response.status >= 500) throw new Error(`the model's endpoint answered ${response.status}`);
      if (!response.ok) return { refused: response.status };
      const { choices, usage } = completion.parse(JSON.parse(body));
      return { text: choices[0]?.message.content, totalTokens: usage?.total_tokens };
    },
  };
}
