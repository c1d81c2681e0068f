import type { Pool } from 'pg';
import { DEFAULT_WORLD_SETTINGS, worldSettingsDocument, type WorldSettings } from './world-settings.js';

/** How the outside world behaves without any fault. Survives a restart. */
export class World {
  private current = DEFAULT_WORLD_SETTINGS;

  constructor(private readonly pool: Pool) {}

  get settings(): WorldSettings {
    return this.current;
  }

  async replace(settings: WorldSettings): Promise<WorldSettings> {
    await this.pool.query(
      `insert into world_setting (name, document) values ('settings', $1)
       on conflict (name) do update set document = excluded.document`,
      [JSON.stringify(settings)],
    );
    this.current = settings;
    return settings;
  }

  async load(): Promise<void> {
    const { rows } = await this.pool.query<{ document: unknown }>(
      `select document from world_setting where name = 'settings'`,
    );
    if (rows[0] !== undefined) this.current = worldSettingsDocument.parse(rows[0].document);
  }
}
