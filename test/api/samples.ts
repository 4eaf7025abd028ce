/**
 * A call of every operation that names objects, for the authorisation matrix. `name(kind)` gives the reference to use, so
 * that the same call can be made with an object of another site and with one that does not exist. Operations that name
 * nothing are not here; a new operation that is missing fails the matrix.
 */
export type Kind = 'site' | 'device' | 'mac' | 'account' | 'group' | 'task' | 'role' | 'key' | 'user' | 'profile';
export type Names = (kind: Kind) => string;
type Sample = (name: Names) => Record<string, unknown>;

const device = (name: Names): Record<string, unknown> => ({ selector: { refs: [name('device')] } });

/** Operations whose input refers to something that belongs to a site. */
export const REFERRING: Readonly<Record<string, Sample>> = {
  'site.show': (name) => ({ site: name('site') }),
  'site.edit': (name) => ({ sites: [name('site')], description: 'x' }),
  'site.delete': (name) => ({ sites: [name('site')] }),
  'site.addSubnet': (name) => ({ site: name('site'), public: '198.51.100.0/24' }),
  'site.removeSubnet': (name) => ({ site: name('site'), public: '198.51.100.0/24' }),
  'account.show': (name) => ({ account: name('account') }),
  'account.edit': (name) => ({ accounts: [name('account')], description: 'x' }),
  'account.delete': (name) => ({ accounts: [name('account')] }),
  'device.show': (name) => ({ device: name('device') }),
  'device.edit': (name) => ({ devices: [name('device')], description: 'x' }),
  'device.delete': device,
  'device.replace': (name) => ({ old: name('device'), new: '0004f2dddd01' }),
  'device.assign': (name) => ({ device: name('device'), accounts: [{ account: 'hq-sip' }] }),
  'device.unassign': (name) => ({ device: name('device'), lines: [1] }),
  'device.export': device,
  'device.list': (name) => ({ refs: [name('device')] }),
  'device.count': device,
  'device.reboot': device,
  'device.checkSync': device,
  'device.refresh': device,
  'device.status': (name) => ({ device: name('device') }),
  'deploy.plan': (name) => ({ mac: name('mac') }),
  'config.render': (name) => ({ device: name('device') }),
  'config.explain': (name) => ({ device: name('device') }),
  'config.diff': (name) => ({ selector: { refs: [name('device')] }, against: 'served' }),
  'config.push': device,
  'config.status': device,
  'config.drift': (name) => ({ selector: { refs: [name('device')] }, offline: true }),
  'enrolment.open': device,
  'enrolment.showCredentials': (name) => ({ device: name('device') }),
  'enrolment.rotateCredentials': device,
  'task.show': (name) => ({ task: Number(name('task')) }),
  'task.retry': (name) => ({ task: Number(name('task')) }),
  'task.run': (name) => ({ task: Number(name('task')) }),
  'role.show': (name) => ({ role: name('role') }),
  'role.edit': (name) => ({ role: name('role'), description: 'x' }),
  'role.delete': (name) => ({ role: name('role') }),
  'key.show': (name) => ({ key: name('key') }),
  'key.revoke': (name) => ({ key: name('key') }),
  'key.rotate': (name) => ({ key: name('key') }),
  'user.show': (name) => ({ user: name('user') }),
  'user.edit': (name) => ({ user: name('user'), name: 'x' }),
  'user.delete': (name) => ({ user: name('user') }),
  'user.freeze': (name) => ({ user: name('user') }),
  'user.unfreeze': (name) => ({ user: name('user') }),
  'user.unlock': (name) => ({ user: name('user') }),
  'user.resetPassword': (name) => ({ user: name('user') }),
  'model.approve': (name) => ({ models: ['VVX 450'], site: name('site') }),
  'model.revoke': (name) => ({ models: ['VVX 450'], site: name('site') }),
};

/** Operations that list, count, search or export: nothing of another site may be in what they say. */
export const LISTING: Readonly<Record<string, Record<string, unknown>>> = {
  'site.list': {},
  'site.export': {},
  'site.resolve': { public: '203.0.113.77' },
  'account.list': { search: 'canary' },
  'account.export': { type: 'sip' },
  'device.list': { search: 'canary' },
  'device.count': {},
  'device.export': { selector: { all: true } },
  'group.list': {},
  'group.show': { group: 'Shared' },
  'group.export': {},
  'group.defaults': {},
  'task.list': {},
  'role.list': {},
  'key.list': {},
  'user.list': {},
  'log.list': {},
  'log.download': {},
  'model.list': {},
  'model.export': { vendor: 'poly' },
  'change.list': {},
  'config.history': {},
  'resource.list': {},
  'model.show': { model: 'VVX 450' },
  'enrolment.quarantine': {},
  'device.template': {},
};
