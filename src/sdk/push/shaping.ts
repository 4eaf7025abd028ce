/**
 * The operations that decide what phones are given: after these a push makes sense, and before these a plan. One table
 * for the command line (`--push`, `--dry-run`) and for `config.write`.
 */

/**
 * How it is found out what phones get by it:
 * - `plans`: the operation says so itself, in its result's `plan`
 * - `compares`: the fleet before is compared with the fleet after; a dry run happens on a copy
 * - `afterwards`: the same, but never on a copy: it writes more than the store, or too much to do it twice
 * - `files`: the same, but it writes more than the store, so that no dry run can happen on a copy
 */
export type Shaping = 'plans' | 'compares' | 'afterwards';

interface Shapers {
  /** Of its operations' names. */
  readonly noun: string;
  readonly verbs: Readonly<Record<string, Shaping>>;
}

/** By namespace of the SDK. */
export const SHAPERS: Readonly<Record<string, Shapers>> = {
  profiles: {
    noun: 'profile',
    verbs: {
      edit: 'plans',
      set: 'plans',
      setScope: 'plans',
      delete: 'plans',
      assign: 'plans',
      unassign: 'plans',
      order: 'plans',
      import: 'plans',
      push: 'plans',
      update: 'plans',
    },
  },
  configs: { noun: 'config', verbs: { rollback: 'plans', apply: 'plans' } },
  changes: { noun: 'change', verbs: { apply: 'plans' } },
  macFiles: { noun: 'config', verbs: { macUpload: 'compares', macBackup: 'compares', macRestore: 'compares' } },
  accounts: { noun: 'account', verbs: { edit: 'compares', delete: 'compares', import: 'afterwards' } },
  devices: {
    noun: 'device',
    verbs: { edit: 'compares', assign: 'compares', unassign: 'compares', import: 'afterwards' },
  },
  groups: {
    noun: 'group',
    verbs: { edit: 'compares', delete: 'compares', top: 'compares', import: 'afterwards' },
  },
  sites: {
    noun: 'site',
    verbs: {
      edit: 'compares',
      delete: 'compares',
      addSubnet: 'compares',
      removeSubnet: 'compares',
      import: 'afterwards',
    },
  },
  resources: { noun: 'resource', verbs: { edit: 'afterwards', delete: 'afterwards' } },
  settings: { noun: 'setting', verbs: { editProvisioning: 'compares', provisioningAccount: 'compares' } },
};

/** By the operation's name, such as `account.edit`. */
export function shapingOf(operation: string): Shaping | undefined {
  const dot = operation.indexOf('.');
  const [noun, verb] = [operation.slice(0, dot), operation.slice(dot + 1)];
  for (const shapers of Object.values(SHAPERS)) {
    if (shapers.noun === noun && Object.hasOwn(shapers.verbs, verb)) return shapers.verbs[verb];
  }
  return undefined;
}
