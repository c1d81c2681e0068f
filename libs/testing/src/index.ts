export { auditSystem, runAudit, type AuditFindings, type AuditOptions, type AuditRun } from './audit-system.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { seededRandom, type SeededRandom } from './seeded-random.js';
export { spawnService, SpawnedService, type ServiceOptions } from './spawned-service.js';
export { testDatabase, type TestDatabase } from './test-database.js';
export { testVhost, type TestVhost } from './test-vhost.js';
export { spawnSystem, type SpawnedSystem, type SystemOptions } from './spawned-system.js';
export { editedCopy, type Edit, type EditedCopy } from './edited-copy.js';
