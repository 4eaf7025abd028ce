import type { Pace } from '../../src/tasks/action.ts';
import { QUICK } from '../tasks/support.ts';

/** The engine's times, so short that a dead runner is followed by the next at once. */
export const DYING: Pace = { ...QUICK, probe: { first: 20, longest: 40 } };

/** How long phones are away. Milliseconds. */
export const BOOT = 40;
