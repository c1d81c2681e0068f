import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSaga1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createSaga(runner);
    await createTimeline(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table saga_timeline_head, saga_timeline, saga');
  }
}

const createSaga = async (runner: QueryRunner): Promise<void> => {
  await runner.query(`
    create table saga (
      id                  uuid        not null primary key,
      subject_id          uuid        not null,
      definition          text        not null,
      definition_version  integer     not null,

      -- where it stands
      state               text        not null,
      step                text        not null,
      direction           text        not null,
      generation          integer     not null,
      attempt             integer     not null,
      reason              text,
      parked_reason       text,
      parked_at           timestamptz,

      -- every write is conditional on it
      version             integer     not null,

      -- when to look at it again, and until when its pivot may take
      timer_at            timestamptz,
      give_up_at          timestamptz,

      created_at          timestamptz not null default clock_timestamp(),
      updated_at          timestamptz not null default clock_timestamp(),

      constraint known_state check (state in
        ('running', 'pivoted', 'compensating', 'undone', 'parked', 'completed', 'compensated', 'handed-over')),
      constraint known_direction check (direction in ('action', 'compensation')),
      constraint parked_iff_reason_and_time check
        ((state = 'parked') = (parked_reason is not null) and (state = 'parked') = (parked_at is not null)),
      constraint open_iff_timer check
        ((state not in ('completed', 'compensated', 'handed-over')) = (timer_at is not null)),
      constraint given_up_only_before_the_pivot check (give_up_at is null or state in ('running', 'parked'))
    )`);
  await runner.query(`
    create unique index one_open_saga_per_subject on saga (subject_id)
      where state not in ('completed', 'compensated', 'handed-over')`);
  await runner.query('create index saga_of_subject on saga (subject_id, created_at desc)');
  await runner.query('create index saga_due on saga (timer_at) where timer_at is not null');
  await runner.query(`create index saga_parked on saga (parked_at) where state = 'parked'`);
};

const createTimeline = async (runner: QueryRunner): Promise<void> => {
  await runner.query(`
    create table saga_timeline (
      subject_id  uuid        not null,
      seq         integer     not null,
      at          timestamptz not null default clock_timestamp(),

      -- who wrote it, for which saga
      service     text        not null,
      replica     integer     not null,
      saga_id     uuid        not null,
      saga        text        not null,

      -- the operation it is about
      step        text,
      direction   text,
      generation  integer,
      attempt     integer,

      -- what happened
      event       text        not null,
      outcome     text,
      message_id  text,
      cause       integer,
      trace_id    text,
      detail      jsonb,

      primary key (subject_id, seq),
      constraint a_cause_comes_first check (cause < seq),
      constraint known_outcome check (outcome in ('ok', 'refused', 'unknown', 'late', 'duplicate'))
    )`);

  // The last number given out per subject. Room for updates in place: each transition of the subject changes it.
  await runner.query(`
    create table saga_timeline_head (
      subject_id  uuid     not null primary key,
      last_seq    integer  not null
    ) with (fillfactor = 50)`);
};
