import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { COMPLETION_SCRIPTS } from '../../src/cli/completion-scripts.ts';
import { BIN, cleanEnv, runCli, withFolder } from './harness.ts';

async function offered(words: readonly string[], home?: string): Promise<string[]> {
  const { status, stdout, stderr } = await runCli(['complete', '--', ...words], home === undefined ? {} : { home });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!);
}

describe('completion', () => {
  it('offers topics and commands, then their verbs', async () => {
    const first = await offered(['']);
    assert.ok(first.includes('site') && first.includes('version') && !first.includes('complete'));
    assert.deepEqual(await offered(['vers']), ['version']);
    assert.ok((await offered(['site', ''])).includes('list'));
  });

  it('offers flags that are not given yet, and the values of flags', async () => {
    assert.deepEqual(await offered(['commands', '--tr']), ['--tree']);
    assert.deepEqual(await offered(['commands', '--tree', '--tr']), []);
    assert.deepEqual(await offered(['commands', '--output', 'j']), ['json']);
    assert.deepEqual(await offered(['commands', '-o', 'y']), ['yaml']);
    assert.deepEqual(await offered(['commands', '--output=nd']), ['--output=ndjson']);
    assert.deepEqual(await offered(['completion', 'z']), ['zsh']);
  });

  it('is silent without a home', async () => {
    assert.deepEqual(await offered(['site', 'show', '']), []);
  });

  it('offers the names of the fleet', async () => {
    await withFolder(async (folder) => {
      const home = `${folder}/home`;
      const made = await runCli(['init', '--company', 'Acme', '--url', 'https://127.0.0.1:18443', '--yes'], {
        home,
        env: { XDG_CONFIG_HOME: folder },
      });
      assert.equal(made.status, 0, made.stderr);
      await runCli(['site', 'add', 'Bern', 'Berlin', 'Bad Tölz'], { home, env: { XDG_CONFIG_HOME: folder } });
      const sites = async (words: readonly string[]): Promise<string[]> => {
        const { stdout } = await runCli(['complete', '--', ...words], { home, env: { XDG_CONFIG_HOME: folder } });
        return stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.split('\t')[0]!)
          .sort();
      };
      assert.deepEqual(await sites(['site', 'show', 'be']), ['Berlin', 'Bern']);
      assert.deepEqual(await sites(['device', 'list', '--site', 'Bad']), ['Bad Tölz']);
    });
  });

  it('bash: the script asks phonectl and quotes what comes back', () => {
    const script = `
      phonectl() { '${process.execPath}' '${BIN}' "$@"; }
      ${COMPLETION_SCRIPTS.bash}
      COMP_WORDS=(phonectl commands --output n); COMP_CWORD=3; _phonectl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: cleanEnv() });
    assert.deepEqual([stdout, stderr], ['ndjson\nname\n', '']);
  });

  it('every script is what the command prints', async () => {
    for (const [shell, script] of Object.entries(COMPLETION_SCRIPTS)) {
      assert.equal((await runCli(['completion', shell])).stdout, script);
    }
  });
});
