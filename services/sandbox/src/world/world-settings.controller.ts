import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { validate } from '@once/service-kit';
import { DEFAULT_WORLD_SETTINGS, worldSettingsDocument, type WorldSettings } from './world-settings.js';
import { World } from './world.js';

/** How the outside world behaves when nothing is broken. */
@ApiTags('settings')
@Controller('sandbox/settings')
export class WorldSettingsController {
  constructor(private readonly world: World) {}

  @Get()
  @ApiOperation({ summary: 'The settings in force' })
  read(): WorldSettings {
    return this.world.settings;
  }

  /** Replaces all of them: what is not given has its default. */
  @Put()
  @ApiOperation({ summary: 'Replace all settings; what is absent has its default' })
  replace(@Body() body: unknown): Promise<WorldSettings> {
    return this.world.replace(validate(worldSettingsDocument, body));
  }

  @Delete()
  @ApiOperation({ summary: 'Back to the defaults' })
  reset(): Promise<WorldSettings> {
    return this.world.replace(DEFAULT_WORLD_SETTINGS);
  }
}
