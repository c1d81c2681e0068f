import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { validate } from '@once/service-kit';
import { DEFAULT_WORLD_SETTINGS, worldSettingsDocument, type WorldSettings } from './world-settings.js';
import { World } from './world.js';

/** How the outside world behaves when nothing is broken. */
@Controller('sandbox/settings')
export class WorldSettingsController {
  constructor(private readonly world: World) {}

  @Get()
  read(): WorldSettings {
    return this.world.settings;
  }

  /** Replaces all of them: what is not given has its default. */
  @Put()
  replace(@Body() body: unknown): Promise<WorldSettings> {
    return this.world.replace(validate(worldSettingsDocument, body));
  }

  @Delete()
  reset(): Promise<WorldSettings> {
    return this.world.replace(DEFAULT_WORLD_SETTINGS);
  }
}
