import assert from 'node:assert/strict';
import { newCredential } from '../../src/sdk/configuration/credentials.ts';
import { controlAction } from '../../src/sdk/control/actions.ts';
import type { ControlContext } from '../../src/sdk/control/phone.ts';
import { PhonectlError } from '../../src/sdk/errors.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { TaskAction } from '../../src/tasks/action.ts';
import type { DeviceResponse, DeviceTransport } from '../../src/vendors/transport.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const never = new AbortController().signal;

describe('tasks: how it is known that a phone did it', () => {
  let home: TestHome;
  let context: ControlContext & AsyncDisposable;
  let deviceId: number;
  beforeEach(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({
      devices: [{ mac: '805ec0000001', model: 'T54W', vendor: 'yealink', controlUrl: 'https://127.0.9.9' }],
    });
    const installation = await openInstallation({ home: home.path });
    const [device] = await installation.store.read.devices.match('805ec0000001', 'all');
    assert.ok(device);
    deviceId = device.id;
    const credential = newCredential(installation.secrets, device, 'admin', Date.now());
    await installation.store.transaction(({ credentials }) => credentials.add([credential]));
    const close = (): Promise<void> => installation.store.close();
    context = Object.assign(installation, { scope: 'all' as const, [Symbol.asyncDispose]: close });
  });
  afterEach(async () => {
    await context[Symbol.asyncDispose]();
    await home.remove();
  });

  /** A Yealink phone that can be silent: it takes every command and tells no uptime (yealink.md B1). */
  class Phone implements DeviceTransport {
    silent = false;

    async http(): Promise<DeviceResponse> {
      if (this.silent) throw gone();
      return { status: 200, headers: {}, body: Buffer.from('fw=96.86.0.75') };
    }

    async notify(): Promise<never> {
      throw gone();
    }
  }

  function gone(): PhonectlError {
    return new PhonectlError('unreachable', 'Nobody answers.', { details: { sent: false } });
  }

  function action(type: 'reboot' | 'dnd', transport: DeviceTransport, input = {}): TaskAction {
    return controlAction(type, { input }, context, transport, { taskId: 1, runId: 1, skip: false });
  }

  it('DEV-46: a phone without an uptime rebooted if it took the command, fell silent and answers again', async () => {
    const transport = new Phone();
    const reboot = action('reboot', transport);
    assert.ok(reboot.probe);
    const asked = async (): Promise<unknown> => (await reboot.probe?.(deviceId, 5000, never))?.done;
    assert.equal(await asked(), undefined, 'it was sent nothing');
    transport.silent = true;
    assert.equal(await asked(), undefined);
    transport.silent = false;
    assert.equal(await asked(), undefined, 'silent before the command is no reboot');
    assert.equal((await reboot.attempt(deviceId, never)).outcome, 'accepted');
    assert.equal(await asked(), undefined, 'it still answers');
    transport.silent = true;
    assert.equal(await asked(), undefined);
    transport.silent = false;
    assert.deepEqual(await reboot.probe(deviceId, 9000, never), {
      done: true,
      evidence: 'it stopped answering after the command, and answers again',
    });
  });

  it('F-20: whoever takes over counts the silence that began before the crash, if the phone took the command', async () => {
    const BACK = { done: true, evidence: 'it stopped answering after the command, and answers again' };
    const ANSWERS = { done: undefined, seen: 'it answers, but does not tell how long it is up' };
    const transport = new Phone();
    const asked = async (accepted: boolean, silent: boolean, gone: readonly boolean[]): Promise<unknown> => {
      const reboot = action('reboot', transport);
      await reboot.recall?.(deviceId, { accepted, silent });
      let last: unknown;
      for (const silence of gone) {
        transport.silent = silence;
        last = await reboot.probe?.(deviceId, 9000, never);
      }
      return last;
    };
    assert.deepEqual(await asked(true, true, [false]), BACK, 'seen to be silent by the one before');
    assert.deepEqual(await asked(true, false, [true, false]), BACK, 'seen to be silent now');
    assert.deepEqual(await asked(true, false, [false]), ANSWERS);
    assert.deepEqual(await asked(false, false, [true, false]), ANSWERS, 'it may never have got the command');
    assert.deepEqual(await asked(true, false, [true]), { done: undefined, seen: 'it does not answer', silent: true });
    assert.deepEqual(await asked(false, false, [true]), { done: undefined, seen: 'it does not answer', silent: false });
  });

  it('F-20: whoever takes over after a crash knows what of the phone proves that it was done', async () => {
    const dnd = action('dnd', new Phone(), { on: true });
    const seen = { id: 9, deviceId, at: 0, kind: 'report' as const, address: null, detail: { event: 'dnd_on' } };
    assert.equal(dnd.proof(seen), undefined, 'nothing was sent to it');
    await dnd.recall?.(deviceId, { accepted: true, silent: false });
    assert.equal(dnd.proof(seen), 'it reported dnd_on');
    assert.equal(dnd.proof({ ...seen, detail: { event: 'dnd_off' } }), undefined);
  });
});
