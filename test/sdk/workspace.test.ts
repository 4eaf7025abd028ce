import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Target } from '../../src/domain/stack.ts';
import type {
  AssignmentRecord,
  ProfileRecord,
  ProfileRepository,
  StoredParameter,
} from '../../src/sdk/ports/profiles.ts';
import { type Edit, Workspace } from '../../src/sdk/profiles/workspace.ts';

const stamp = { author: 'ada', at: 1_000 };
const global: Target = { layer: 'global' };

/** A repository that keeps its records in memory; only what a workspace loads. */
function memory(
  profiles: readonly ProfileRecord[] = [],
  assignments: readonly AssignmentRecord[] = [],
): ProfileRepository {
  const highest = (records: readonly { id: number }[]): number => Math.max(0, ...records.map(({ id }) => id));
  return {
    profiles: async () => profiles,
    assignments: async () => assignments,
    nextIds: async () => ({ profile: highest(profiles) + 1, assignment: highest(assignments) + 1 }),
    revision: async () => 0,
  } as Partial<ProfileRepository> as ProfileRepository;
}

function add(name: string, parameters: readonly StoredParameter[] = []): Edit {
  return {
    kind: 'profile.add',
    uid: `uid-${name}`,
    name,
    vendor: 'poly',
    type: 'user',
    description: '',
    models: [],
    imageId: null,
    parameters,
  };
}

function state(workspace: Workspace): unknown {
  return {
    profiles: [...workspace.profiles.values()].toSorted((a, b) => a.id - b.id),
    assignments: [...workspace.assignments.values()].toSorted((a, b) => a.id - b.id),
  };
}

describe('a workspace', () => {
  async function with3(): Promise<Workspace> {
    const workspace = await Workspace.load(memory());
    for (const name of ['a', 'b', 'c']) {
      workspace.apply(add(name), stamp);
      workspace.apply({ kind: 'assign', profile: `uid-${name}`, target: global, apply: 'auto' }, stamp);
    }
    return workspace;
  }

  function order(workspace: Workspace): string {
    return workspace
      .at(global)
      .map(({ profileId, priority }) => `${priority}${workspace.profiles.get(profileId)?.name}`)
      .join(' ');
  }

  it('PROF-30: puts a profile last, or where it is asked to', async () => {
    const workspace = await with3();
    assert.equal(order(workspace), '1a 2b 3c');
    workspace.apply({ kind: 'assign', profile: 'uid-c', target: global, priority: 1, apply: 'auto' }, stamp);
    assert.equal(order(workspace), '1c 2a 3b');
    workspace.apply({ kind: 'assign', profile: 'uid-c', target: global, priority: 99, apply: 'auto' }, stamp);
    assert.equal(order(workspace), '1a 2b 3c');
  });

  it('keeps its place when it is assigned again', async () => {
    const workspace = await with3();
    workspace.apply({ kind: 'assign', profile: 'uid-a', target: global, apply: 'manual' }, stamp);
    assert.equal(order(workspace), '1a 2b 3c');
    assert.equal(workspace.at(global)[0]?.apply, 'manual');
  });

  it('PROF-19: takes the assignments away with the profile, and closes the gap', async () => {
    const workspace = await with3();
    workspace.apply({ kind: 'profile.delete', profile: 'uid-b' }, stamp);
    assert.equal(order(workspace), '1a 2c');
  });

  it('VAL-16: refuses a second profile of the same name, whatever its case', async () => {
    const workspace = await with3();
    assert.throws(() => workspace.apply({ ...add('A'), uid: 'other' } as Edit, stamp), { code: 'exists' });
    assert.throws(() => workspace.apply({ kind: 'profile.edit', profile: 'uid-a', name: 'B' }, stamp), {
      code: 'exists',
    });
  });

  it('B-10: of a name that is set twice the last value stands', async () => {
    const workspace = await Workspace.load(memory());
    workspace.apply(
      add('p', [
        ['x', '1'],
        ['y', '1'],
        ['x', '2'],
      ]),
      stamp,
    );
    assert.deepEqual(workspace.byName('p')?.parameters, [
      ['x', '2'],
      ['y', '1'],
    ]);
  });

  it('sees no change when the same value, or the same secret sealed anew, is set', async () => {
    const profile = {
      ...record(1, 'p'),
      parameters: [
        ['x', '1'],
        ['s', { sealed: 'AAAA', print: 'p' }],
      ] as StoredParameter[],
    };
    const workspace = await Workspace.load(memory([profile]));
    const set: StoredParameter[] = [
      ['x', '1'],
      ['s', { sealed: 'BBBB', print: 'p' }],
    ];
    workspace.apply({ kind: 'profile.set', profile: 'uid-p', set, unset: ['nothing'] }, stamp);
    assert.deepEqual(workspace.entries(), []);
    workspace.apply(
      { kind: 'profile.set', profile: 'uid-p', set: [['s', { sealed: 'C', print: 'q' }]], unset: [] },
      stamp,
    );
    assert.equal(workspace.entries().length, 1);
    assert.equal(workspace.byName('p')?.version, 2);
  });

  it('undoes any edits to the very state before them', async () => {
    const edit = fc.oneof(
      fc.record({
        kind: fc.constant('assign'),
        profile: uid(),
        target: target(),
        priority: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        apply: fc.constant('auto'),
      }),
      fc.record({ kind: fc.constant('unassign'), profile: uid(), target: target() }),
      fc.record({ kind: fc.constant('profile.delete'), profile: uid() }),
      fc.record({
        kind: fc.constant('profile.set'),
        profile: uid(),
        set: fc.array(fc.tuple(fc.constantFrom('x', 'y'), fc.string())),
        unset: fc.subarray(['x', 'y']),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 12 }), async (edits) => {
        const profiles = ['a', 'b', 'c'].map((name, index) => record(index + 1, name));
        const workspace = await Workspace.load(memory(profiles));
        const before = state(workspace);
        for (const each of edits) {
          try {
            workspace.apply(each as Edit, stamp);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'not_found');
          }
        }
        for (const to of [global, { layer: 'site', id: 1 } as const]) {
          const priorities = workspace.at(to).map(({ priority }) => priority);
          assert.deepEqual(
            priorities,
            priorities.map((_, index) => index + 1),
          );
        }
        workspace.undo(workspace.entries().toReversed());
        assert.deepEqual(state(workspace), before);
        assert.deepEqual(workspace.entries(), []);
      }),
    );
  });

  function uid(): fc.Arbitrary<string> {
    return fc.constantFrom('uid-a', 'uid-b', 'uid-c');
  }
  function target(): fc.Arbitrary<Target> {
    return fc.constantFrom<Target>(global, { layer: 'site', id: 1 });
  }
  function record(id: number, name: string): ProfileRecord {
    const { kind: _, ...fields } = add(name) as Extract<Edit, { kind: 'profile.add' }>;
    return { ...fields, id, version: 1, modifiedBy: 'ada', createdAt: 0, updatedAt: 0 };
  }
});
