import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { runCli } from '../cli/harness.ts';

describe('phonectl demo', () => {
  it('provisions every phone of three vendors, reboots five, and leaves nothing behind', async function () {
    this.timeout(90_000);
    const before = leftovers();
    const { status, stdout, stderr } = await runCli(['demo', '--json']);
    const result = JSON.parse(stdout);
    assert.ok(result.devices >= 60);
    assert.deepEqual(
      { ...result, seconds: 0 },
      { devices: result.devices, provisioned: result.devices, rebooted: 5, failed: 0, seconds: 0 },
      stderr,
    );
    assert.equal(status, 0);
    assert.deepEqual(leftovers(), before);
  });

  function leftovers(): readonly string[] {
    return readdirSync(tmpdir()).filter((name) => name.startsWith('phonectl-demo-'));
  }
});
