/** The name of a collected change. */
import { string } from '@oclif/core/args';

export const changeArg = { change: string({ required: true, description: 'Name of the change.' }) };
