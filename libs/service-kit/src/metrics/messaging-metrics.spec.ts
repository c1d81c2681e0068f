import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

/** The lines of the metrics whose names begin like this. */
async function shown(metrics: Metrics, start: string): Promise<readonly string[]> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(start) && !line.includes('_bucket'));
}

describe('the numbers of messaging', () => {
  it('count messages, however many travelled together', async () => {
    const metrics = new Metrics();
    metrics.messaging.published('payment', 'commit', 3);
    metrics.messaging.published('payment', 'sweep', 1);
    metrics.messaging.confirmed('payment', 3);
    metrics.messaging.returned('payment', 1);
    metrics.messaging.received(false, 2);
    metrics.messaging.received(true, 1);
    expect(await shown(metrics, 'once_messaging_')).toEqual([
      'once_messaging_published_total{destination="payment",by="commit"} 3',
      'once_messaging_published_total{destination="payment",by="sweep"} 1',
      'once_messaging_sent_envelope_size_sum{destination="payment"} 4',
      'once_messaging_sent_envelope_size_count{destination="payment"} 2',
      'once_messaging_confirmed_total{destination="payment"} 3',
      'once_messaging_returned_total{destination="payment"} 1',
      'once_messaging_received_total 3',
      'once_messaging_redelivered_total 1',
      'once_messaging_received_envelope_size_sum 3',
      'once_messaging_received_envelope_size_count 2',
      'once_messaging_requeued_total 0',
    ]);
  });

  it('show the outbox as last sampled, in seconds', async () => {
    const metrics = new Metrics();
    metrics.messaging.outboxSampled(7, 1_500);
    metrics.messaging.leftToSweep(2);
    expect(await shown(metrics, 'once_outbox_')).toEqual([
      'once_outbox_rows 7',
      'once_outbox_oldest_age_seconds 1.5',
      'once_outbox_left_to_sweep_total 2',
    ]);
  });

  it('show one state per connection', async () => {
    const metrics = new Metrics();
    metrics.messaging.connectionChanged('publisher', 'up');
    metrics.messaging.connectionChanged('publisher', 'blocked');
    expect(await shown(metrics, 'once_messaging_connection_state')).toEqual([
      'once_messaging_connection_state{role="publisher",state="up"} 0',
      'once_messaging_connection_state{role="publisher",state="down"} 0',
      'once_messaging_connection_state{role="publisher",state="blocked"} 1',
    ]);
  });
});

describe('the numbers of idempotency', () => {
  it('count repeats by door, attempts without an outcome, and what was taken over', async () => {
    const metrics = new Metrics();
    metrics.idempotency.duplicate('request');
    metrics.idempotency.duplicate('step');
    metrics.idempotency.duplicate('step');
    const perform = metrics.idempotency.watched(async (end: 'finished' | 'unfinished') => end);
    expect([await perform('finished'), await perform('unfinished')]).toEqual(['finished', 'unfinished']);
    expect(await metrics.idempotency.rescuing(Promise.resolve({ takenOver: 4 }))).toEqual({ takenOver: 4 });
    metrics.idempotency.batch(50);
    expect(await shown(metrics, 'once_idempotency_')).toEqual([
      'once_idempotency_duplicates_total{door="request"} 1',
      'once_idempotency_duplicates_total{door="step"} 2',
      'once_idempotency_unknown_outcomes_total 1',
      'once_idempotency_rescued_total 4',
      'once_idempotency_batch_size_sum 50',
      'once_idempotency_batch_size_count 1',
    ]);
  });

  it('are not shown by a process that has no doors', async () => {
    expect(await shown(new Metrics(), 'once_')).toEqual([]);
  });
});
