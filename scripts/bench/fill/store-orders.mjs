/**
 * Makes a system old: one finished order, as the system itself has stored it in its three databases, is copied many times with
 * other ids, keys and times. Whatever else its rows hold is the same in all of them, so sizes and shapes are those of real ones.
 */
import { asking } from '../database.mjs';
import { PLANS, TEMPLATE } from './plans.mjs';

/** A crash would only lose what can be stored again. */
const HURRIED = {
  fsync: 'off',
  full_page_writes: 'off',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};
/** Afterwards nothing but the load is at work: a checkpoint is made when a measurement asks for one, and nothing is vacuumed. */
const CAREFUL = { fsync: 'on', full_page_writes: 'on' };

export const storeOrders = async ({ databases, databaseServer }, count) => {
  await configure(databaseServer, HURRIED);
  const [ids] = await asking(databases.order, (ask) => ask(TEMPLATE));
  await Promise.all(
    Object.entries(PLANS).map(([service, tables]) =>
      asking(databases[service], async (ask) => {
        await ask('set synchronous_commit = off');
        await ask(STORED, [count]);
        for (const plan of tables) await copyRows(ask, plan, ids);
        await ask('drop table stored');
        await ask('analyze');
      }),
    ),
  );
  await configure(databaseServer, CAREFUL);
  await asking(databaseServer, (ask) => ask('checkpoint'));
};

/**
 * The ids of the copies: version 7, their times one tenth of a second apart and all in the past, so that they lie in the tables as
 * the ids of real orders do.
 */
const STORED = `
  create temporary table stored as
  select n,
         (prefix || '7' || substr(md5('order' || n), 1, 3) || '8' || substr(md5('order' || n), 4, 15))::uuid as order_id,
         (prefix || '7' || substr(md5('saga' || n), 1, 3) || '8' || substr(md5('saga' || n), 4, 15))::uuid as saga_id
    from (select n, lpad(to_hex((extract(epoch from now()) * 1000)::bigint - (n + 1) * 100), 12, '0') as prefix
            from generate_series($1::int, 1, -1) n) numbered`;

/** The columns that no plan names are copied as they are. */
const copyRows = async (ask, { table, template, columns }, { orderId, sagaId }) => {
  const found = await ask(
    'select column_name as name from information_schema.columns where table_name = $1 order by ordinal_position',
    [table],
  );
  const names = found.map(({ name }) => name);
  const values = names.map((name) => columns[name] ?? `t.${name}`);
  const withIds = (text) => text.replaceAll('$order', `'${orderId}'`).replaceAll('$saga', `'${sagaId}'`);
  await ask(withIds(`create temporary table template as select * from ${table} where ${template}`));
  // The condition on the copy makes it the outer side of the join: rows are written in the order of their time, unsorted.
  await ask(
    withIds(`
      insert into ${table} (${names.join(', ')})
      select ${values.join(', ')}
        from stored s cross join lateral (select * from template where s.n is not null offset 0) t`),
  );
  await ask('drop table template');
};

const configure = (url, settings) =>
  asking(url, async (ask) => {
    for (const [name, value] of Object.entries(settings)) await ask(`alter system set ${name} = '${value}'`);
    await ask('select pg_reload_conf()');
  });
