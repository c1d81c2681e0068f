/**
 * Who may import what. One rule per direction of the architecture, each with its reason; a picture is in
 * docs/architecture.md. `scripts/test/dependency-rules.spec.ts` breaks every rule once and sees it reported.
 *
 * Imports of types count like any other: a library that names a neighbour's type cannot be taken away without it.
 */

/** Tests and what only tests use. These may look wherever they need to. */
const TESTS = String.raw`(\.spec|\.contract)\.ts$|/test/|/testing/|^libs/testing/`;

/** The three libraries that carry the guarantees, and that readers lift into systems of their own. */
const LIFTABLE = 'libs/(idempotency|messaging|saga)';

const packages = (...names) => `node_modules/(${names.join('|')})(/|$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one file, or have a third one hidden in them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that points nowhere passes every other rule, because no rule can see its target.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'contracts-only-parse',
      comment:
        'What crosses a process boundary is data and its parser. A contract that pulled in a framework would push it on ' +
        'every process that reads the message.',
      severity: 'error',
      from: { path: '^libs/contracts/src/', pathNot: TESTS },
      to: { pathNot: ['^libs/contracts/src/', packages('zod')] },
    },
    {
      name: 'libraries-stand-alone',
      comment:
        'A library that needs a neighbour declares a small interface and the service passes the neighbour in; so each can ' +
        'be taken away alone.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: TESTS },
      to: { path: '^libs/', pathNot: '^libs/$1/' },
    },
    {
      name: 'libraries-know-no-service',
      comment: 'Services are built from libraries. The other way round, the library would know its users.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^services/' },
    },
    {
      name: 'guarantees-need-no-framework',
      comment:
        'Idempotency, messaging and saga work without Nest and carry no package but the drivers of the database and the ' +
        'broker: whoever lifts one takes nothing else along.',
      severity: 'error',
      from: { path: `^${LIFTABLE}/src/`, pathNot: [TESTS, `^${LIFTABLE}/src/nest/`] },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg'],
        pathNot: packages('typeorm', 'pg', '@types/pg', 'amqplib'),
      },
    },
    {
      name: 'core-knows-no-technology',
      comment:
        'The files directly under src/ are the algorithm. Its Postgres, RabbitMQ and Nest sides know it, and not the ' +
        'other way round, so that another store can take their place. index.ts, the public surface, names them all.',
      severity: 'error',
      from: { path: `^${LIFTABLE}/src/[^/]+$`, pathNot: [TESTS, '/index\\.ts$'] },
      to: { path: '^libs/$1/src/(postgres|rabbitmq|nest)/' },
    },
    {
      name: 'core-takes-only-types-of-drivers',
      comment: 'The algorithm may say what a session or a channel looks like; what runs it is passed in.',
      severity: 'error',
      from: { path: `^${LIFTABLE}/src/[^/]+$`, pathNot: TESTS },
      to: { path: packages('typeorm', 'pg', 'amqplib'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nest-folder-is-glue',
      comment:
        'What binds a library to Nest needs the library and Nest. Anything else belongs to the core or to a service.',
      severity: 'error',
      from: { path: '^libs/(idempotency|messaging|saga)/src/nest/', pathNot: TESTS },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg'],
        pathNot: packages('@nestjs/[^/]+', 'rxjs', 'reflect-metadata', 'amqplib'),
      },
    },
    {
      name: 'order-rules-are-pure',
      comment:
        'What an order may become, and what stock it takes, is decided by functions that a test can call with plain ' +
        'values: no framework, no database, no broker.',
      severity: 'error',
      from: { path: '^services/order/src/(order|stock)/', pathNot: TESTS },
      to: { path: packages('@nestjs/[^/]+', 'typeorm', 'pg', 'amqplib') },
    },
    {
      name: 'services-share-nothing',
      comment: 'Services meet in messages only. One that imports another cannot be deployed, or fail, alone.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libraries-by-their-name',
      comment:
        'A service imports @once/<library>, never a path into it: what index.ts does not export may change without ' +
        'asking. (An inner path behind the name does not resolve, which has a rule of its own.)',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^libs/', dependencyTypesNot: ['aliased-tsconfig'] },
    },
    {
      name: 'no-test-help-in-production',
      comment: 'A crash point or a factory that production can reach will one day run there.',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: TESTS },
      to: { path: '^libs/testing/|/testing/', pathNot: 'node_modules' },
    },
    {
      name: 'production-needs-no-dev-dependency',
      comment: 'The image installs production dependencies only; this import would be missing there.',
      severity: 'error',
      from: { path: '^(libs|services)/[^/]+/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'sandbox-is-the-outside',
      comment:
        'The sandbox is the ledger that the promise is checked against. If it shared the mechanism it judges, both could ' +
        'be wrong together.',
      severity: 'error',
      from: { path: '^services/sandbox/', pathNot: TESTS },
      to: { path: `^${LIFTABLE}/` },
    },
    {
      name: 'audit-stands-alone',
      comment:
        'The audit judges what the services have stored. If it read by a query of theirs, a mistake in that query would be ' +
        'believed by both.',
      severity: 'error',
      from: { path: '^scripts/audit(/|[.]mjs$)' },
      to: { path: '^(libs|services)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
