import type { Pool } from 'pg';
import { FaultPlan, type Draw, type PlanCounts, type Subject } from './fault-plan.js';
import type { FaultPlanDocument, Operation } from './fault-rule.js';

export const NO_FAULTS: FaultPlanDocument = { seed: 1, rules: [] };

interface StoredPlan {
  readonly version: number;
  readonly plan: FaultPlanDocument;
}

/** The faults in force. They survive a restart, with their counts: those are read from the calls that are on disk. */
export class Faults {
  private current = new FaultPlan(NO_FAULTS, 0);

  constructor(private readonly pool: Pool) {}

  get plan(): FaultPlan {
    return this.current;
  }

  draw(operation: Operation, subject: Subject): Draw {
    return this.current.draw(operation, subject);
  }

  /** Puts other faults in force; counts start again. */
  async replace(plan: FaultPlanDocument): Promise<FaultPlanDocument> {
    const stored: StoredPlan = { version: this.current.version + 1, plan };
    await this.pool.query(
      `insert into world_setting (name, document) values ('faults', $1)
       on conflict (name) do update set document = excluded.document`,
      [JSON.stringify(stored)],
    );
    this.current = new FaultPlan(plan, stored.version);
    return plan;
  }

  /** Continues the plan of an earlier run. */
  async load(): Promise<void> {
    const { rows } = await this.pool.query<{ document: StoredPlan }>(
      `select document from world_setting where name = 'faults'`,
    );
    const stored = rows[0]?.document;
    if (stored === undefined) return;
    this.current = new FaultPlan(stored.plan, stored.version, await this.countsOf(stored.version));
  }

  private async countsOf(version: number): Promise<PlanCounts> {
    const [calls, strikes] = await Promise.all([
      this.pool.query<{ operation: string; orderId: string | null; count: number }>(
        `select operation, order_id as "orderId", count(*)::integer as count
         from (select operation, order_id from call where plan > 0 and plan = $1
               union all
               select operation, order_id from delivery where plan > 0 and plan = $1) as attempt
         group by operation, order_id`,
        [version],
      ),
      this.pool.query<{ rule: number; count: number }>(
        `select fault_rule as rule, count(*)::integer as count
         from (select fault_rule from call where plan > 0 and plan = $1
               union all
               select fault_rule from delivery where plan > 0 and plan = $1) as attempt
         where fault_rule is not null
         group by fault_rule`,
        [version],
      ),
    ]);
    return { calls: calls.rows, strikes: strikes.rows };
  }
}
