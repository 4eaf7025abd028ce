/** The tables as Kysely sees them; `migrations/` creates them and says what the columns mean. */
import type { AccessSchema } from './schema/access.ts';
import type { ConfigurationSchema } from './schema/configuration.ts';
import type { ContentSchema } from './schema/content.ts';
import type { FleetSchema } from './schema/fleet.ts';
import type { TasksSchema } from './schema/tasks.ts';

export interface Schema extends AccessSchema, ConfigurationSchema, ContentSchema, FleetSchema, TasksSchema {}
