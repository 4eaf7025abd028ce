import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Origin, resolve } from '../../src/domain/effective.ts';
import { type PlanDevice, planChange } from '../../src/domain/plan.ts';
import {
  type Assignment,
  indexStack,
  type Position,
  type Profile,
  profileSources,
  type Stack,
  type Target,
} from '../../src/domain/stack.ts';

function profile(id: number, parameters: Record<string, string>, vendor = 'poly'): Profile {
  return {
    id,
    name: `profile ${id}`,
    vendor,
    type: 'user',
    version: 1,
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
  };
}

let nextId = 0;
function bind(profileId: number, target: Target, priority = 1, apply: Assignment['apply'] = 'auto'): Assignment {
  nextId += 1;
  return { id: nextId, profileId, target, priority, apply };
}

function stack(profiles: readonly Profile[], assignments: readonly Assignment[]): Stack {
  return { profiles: new Map(profiles.map((p) => [p.id, p])), assignments };
}

function device(position: Partial<Position> = {}, own: readonly (Origin & { name: string })[] = []): PlanDevice {
  const id = position.id ?? 1;
  return {
    id,
    vendor: 'poly',
    sites: [10],
    groups: [],
    label: `phone ${id}`,
    siteName: `site ${position.sites?.[0] ?? 10}`,
    own: (name) => own.filter((o) => o.name === name).map(({ value, layer, source }) => ({ value, layer, source })),
    ...position,
  };
}

const careful = { causes: () => 'restart' as const };

function value(of: Stack, position: Position, name: string): string | undefined {
  return resolve(profileSources(indexStack(of), position)).get(name)?.value;
}

describe('the stack', () => {
  const on = profile(1, { 'call.autoAnswer.SIP': '1' });
  const off = profile(2, { 'call.autoAnswer.SIP': '0' });

  it('PROF-29: a site beats global', () => {
    const both = stack([on, off], [bind(1, { layer: 'site', id: 10 }), bind(2, { layer: 'global' })]);
    assert.equal(value(both, device(), 'call.autoAnswer.SIP'), '1');
    assert.equal(value(both, device({ sites: [11] }), 'call.autoAnswer.SIP'), '0');
  });

  it('PROF-28: device > site > model > group > global, and says what each beat', () => {
    const targets: Target[] = [
      { layer: 'global' },
      { layer: 'group', id: 5 },
      { layer: 'model', model: 'VVX 450' },
      { layer: 'site', id: 10 },
      { layer: 'user', id: 3 },
      { layer: 'device', id: 1 },
    ];
    const profiles = targets.map((_, index) => profile(index + 1, { p: String(index) }));
    const all = stack(
      profiles,
      targets.map((target, index) => bind(index + 1, target)),
    );
    const position = device({ groups: [5], model: 'vvx 450', users: [3] });
    const winner = resolve(profileSources(indexStack(all), position)).get('p');
    assert.equal(winner?.value, '5');
    assert.deepEqual(
      winner?.beaten.map(({ layer }) => layer),
      ['user', 'site', 'model', 'group', 'global'],
    );
  });

  it('PROF-30: priority 1 wins inside a container', () => {
    const both = stack([on, off], [bind(1, { layer: 'global' }, 2), bind(2, { layer: 'global' }, 1)]);
    assert.equal(value(both, device(), 'call.autoAnswer.SIP'), '0');
  });

  it('B-09, FW-12: the first group of a device wins over its others and over global', () => {
    const all = stack(
      [profile(1, { v: '5.5' }), profile(2, { v: '5.4' }), profile(3, { v: '5.3' })],
      [bind(1, { layer: 'group', id: 1 }), bind(3, { layer: 'group', id: 2 }), bind(2, { layer: 'global' })],
    );
    assert.equal(value(all, device({ groups: [1, 2] }), 'v'), '5.5');
    assert.equal(value(all, device({ groups: [2, 1] }), 'v'), '5.3');
    assert.equal(value(all, device(), 'v'), '5.4');
  });

  it('a site below beats the sites above it', () => {
    const all = stack([on, off], [bind(1, { layer: 'site', id: 1 }), bind(2, { layer: 'site', id: 10 })]);
    assert.equal(value(all, device({ sites: [10, 1] }), 'call.autoAnswer.SIP'), '0');
    assert.equal(value(all, device({ sites: [11, 1] }), 'call.autoAnswer.SIP'), '1');
  });

  it('B-08: a manual assignment holds only what was pushed to the device', () => {
    const manual = bind(1, { layer: 'group', id: 1 }, 1, 'manual');
    const all = stack([on], [manual]);
    assert.equal(value(all, device({ groups: [1] }), 'call.autoAnswer.SIP'), undefined);
    const pushed = [{ assignmentId: manual.id, parameters: [{ name: 'call.autoAnswer.SIP', value: 'old' }] }];
    assert.equal(value(all, device({ groups: [1], pushed }), 'call.autoAnswer.SIP'), 'old');
  });

  it('keeps the parameters of one vendor from the phones of another', () => {
    const all = stack([on], [bind(1, { layer: 'global' })]);
    assert.equal(value(all, device({ vendor: 'yealink' }), 'call.autoAnswer.SIP'), undefined);
  });
});

describe('a plan', () => {
  const before = stack([profile(1, { a: '1', b: '1' })], [bind(1, { layer: 'site', id: 10 })]);
  const after = stack([profile(1, { a: '2', c: '1' })], before.assignments);

  it('groups equal changes and counts phones, sites and restarts', () => {
    const devices = [1, 2, 3].map((id) => device({ id })).concat(device({ id: 4, sites: [11] }));
    const plan = planChange(before, after, devices, { causes: (_, name) => (name === 'c' ? 'reboot' : 'restart') });
    assert.equal(plan.devices, 3);
    assert.equal(plan.sites, 1);
    assert.deepEqual([plan.restart, plan.reboot], [0, 3]);
    assert.equal(plan.groups.length, 1);
    assert.deepEqual(
      plan.groups[0]?.changes.map(({ name, kind }) => [name, kind]),
      [
        ['a', 'changed'],
        ['b', 'removed'],
        ['c', 'added'],
      ],
    );
  });

  it('says where something higher keeps its value', () => {
    const csv = { name: 'a', value: '9', layer: 'csv', source: 'csv profile' } as const;
    const plan = planChange(before, after, [device({}, [csv])], careful);
    assert.deepEqual(
      plan.groups[0]?.changes.map(({ name }) => name),
      ['b', 'c'],
    );
    assert.deepEqual(plan.groups[0]?.shadowed, [
      { name: 'a', by: { value: '9', layer: 'csv', source: 'csv profile' } },
    ]);
  });

  it('shows the base value that comes back when a profile lets go', () => {
    const base = { name: 'b', value: '0', layer: 'base', source: 'phonectl' } as const;
    const plan = planChange(before, after, [device({}, [base])], careful);
    const change = plan.groups[0]?.changes.find(({ name }) => name === 'b');
    assert.equal(change?.kind, 'changed');
    assert.equal(change?.after?.layer, 'base');
  });

  it('agrees with resolving every device by itself, for any stacks', () => {
    const names = ['a', 'b', 'c'];
    const bag = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('0', '1', '2'));
    const target = fc.constantFrom<Target>(
      { layer: 'global' },
      { layer: 'group', id: 1 },
      { layer: 'group', id: 2 },
      { layer: 'site', id: 10 },
      { layer: 'site', id: 1 },
      { layer: 'device', id: 2 },
    );
    const anyStack = fc.array(fc.tuple(bag, target), { maxLength: 5 }).map((entries) =>
      stack(
        entries.map(([parameters], index) => profile(index + 1, parameters)),
        entries.map(([, to], index) => bind(index + 1, to, index + 1)),
      ),
    );
    const own = fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        value: fc.constantFrom('0', '1', '2'),
        layer: fc.constantFrom<Origin['layer']>('base', 'accounts', 'csv', 'mac'),
        source: fc.constant('own'),
      }),
      { maxLength: 2 },
    );
    const fleet = fc
      .tuple(own, own)
      .map(([one, two]) => [
        device({ id: 1, sites: [10, 1], groups: [2, 1] }, one),
        device({ id: 2, sites: [1], groups: [1] }, two),
      ]);
    fc.assert(
      fc.property(anyStack, anyStack, fleet, (one, two, devices) => {
        const plan = planChange(one, two, devices, careful);
        for (const each of devices) {
          const expected = names.filter((name) => final(one, each, name) !== final(two, each, name));
          const planned = plan.groups.find((group) => group.devices.some(({ id }) => id === each.id));
          assert.deepEqual(planned?.changes.map(({ name }) => name) ?? [], expected);
        }
      }),
    );
  });

  /** The slow, plain way: all sources in one list, sorted by layer. */
  function final(of: Stack, position: PlanDevice, name: string): string | undefined {
    const order = ['base', 'global', 'group', 'model', 'site', 'user', 'accounts', 'device', 'csv', 'mac'];
    const all = profileSources(indexStack(of), position).flatMap(({ layer, parameters }) =>
      parameters.filter((p) => p.name === name).map((p) => ({ layer, value: p.value })),
    );
    // Of two own values in one layer the first stands, as in `own`.
    const candidates = [...all, ...position.own(name).toReversed()];
    return candidates.toSorted((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer)).at(-1)?.value;
  }

  it('plans 50,000 phones in a few classes', () => {
    let resolved = 0;
    const devices = Array.from({ length: 50_000 }, (_, id) => device({ id, sites: [id % 20] }));
    const sites = Array.from({ length: 20 }, (_, id) => bind(1, { layer: 'site', id }));
    const [one, two] = [stack([profile(1, { a: '1' })], sites), stack([profile(1, { a: '2' })], sites)];
    const plan = planChange(one, two, devices, {
      causes: () => {
        resolved += 1;
        return 'nothing';
      },
    });
    assert.equal(plan.devices, 50_000);
    assert.equal(plan.groups.length, 1);
    assert.equal(resolved, 20, 'once for each class');
  });
});
