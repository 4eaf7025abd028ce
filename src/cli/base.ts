/**
 * The base of every command: parses without oclif's traps, opens the SDK when it is first used, prints the result by
 * the command's view, and leaves errors to `main.ts`, the one place that shows them.
 */
import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import type { ArgInput, FlagInput, Input, OutputArgs, OutputFlags, ParserOutput } from '@oclif/core/interfaces';
import { PhonectlError } from '../sdk/errors.ts';
import type { connectPhonectl, createPhonectl, Phonectl } from '../sdk/index.ts';
import type { Effect } from '../sdk/operation.ts';
import { findTarget, LOCAL, readAuthority, type Target } from './contexts.ts';
import { globalFlags, type OutputFormat } from './flags.ts';
import { limitOf, type RenderOptions, render } from './output/render.ts';
import { Output } from './output/sink.ts';
import { hardenArgs, hardenFlags } from './parsing.ts';
import type { Progress } from './progress.ts';
import type { PromptContext } from './prompt.ts';
import { withSavedView } from './saved-views.ts';
import { processSignal } from './session.ts';
import { type Style, stderrStyle, stdoutStyle } from './style.ts';
import { detectTerminal, type Terminal } from './terminal.ts';
import type { AnyView, BatchResult } from './view.ts';
import { batchExit } from './view.ts';

type FlagOutput = OutputFlags<FlagInput>;
type ArgOutput = OutputArgs<ArgInput>;

interface ViewFlagValues {
  json?: boolean;
  output?: OutputFormat;
  home?: string;
  context?: string;
  quiet?: boolean;
  'no-input'?: boolean;
  color?: 'auto' | 'always' | 'never';
  'no-color'?: boolean;
  yes?: boolean;
  'dry-run'?: boolean;
  columns?: string;
  header?: boolean;
  wide?: boolean;
  search?: string;
  filter?: string[];
  sort?: string;
  limit?: number;
  page?: number;
  watch?: boolean;
  interval?: number;
}

/** What `this.query(flags)` hands to a list operation: what the view's `sdk` says that it does itself. */
export interface ListQuery {
  search?: string;
  sort?: string;
  filter?: string[];
  limit?: number;
  offset?: number;
}

export abstract class PhonectlCommand<Result = unknown> extends Command {
  static override baseFlags: FlagInput = globalFlags;
  /** How the result looks; without one it is printed as JSON. */
  static view?: AnyView;
  /** False for commands that never touch the fleet: the SDK is then not even loaded. */
  static usesSdk = true;
  /** True for commands about this machine: they refuse to go to a server elsewhere. */
  static local = false;

  /** The process's abort signal: the first Ctrl-C. */
  protected readonly signal: AbortSignal = processSignal();
  protected readonly out: Output = new Output(process.stdout);

  #flags: ViewFlagValues = {};
  #terminal: Terminal | undefined;
  #view: AnyView | undefined;
  #sdk: { createPhonectl: typeof createPhonectl; connectPhonectl: typeof connectPhonectl } | undefined;
  /** Names of the flags that stood on the command line; the others come from the environment or from nowhere. */
  #typed: ReadonlySet<string> = new Set();
  #target: Target | undefined;
  #phonectl: Phonectl | undefined;
  #progress: Progress | undefined;
  #after: (() => Promise<string | undefined>) | undefined;

  abstract override run(): Promise<Result>;

  /** oclif loads its whole configuration a second time here; the one it was called with is the right one. */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => T,
    argv?: string[],
    options?: unknown,
  ): Promise<ReturnType<T['run']>> {
    const command = new this(argv ?? [], options as Config);
    return await (command as unknown as { _run(): Promise<ReturnType<T['run']>> })._run();
  }

  /** The fleet. Opened at first use, closed after the command. */
  protected get phonectl(): Phonectl {
    if (!this.#sdk) throw new Error('This command declares usesSdk = false and yet uses this.phonectl.');
    this.#phonectl ??= this.#target ? this.#connect(this.#sdk, this.#target) : this.#open(this.#sdk);
    return this.#phonectl;
  }

  #open(sdk: { createPhonectl: typeof createPhonectl }): Phonectl {
    return sdk.createPhonectl(this.#flags.home === undefined ? {} : { home: this.#flags.home });
  }

  #connect(sdk: { connectPhonectl: typeof connectPhonectl }, { server, ca, credentials }: Target): Phonectl {
    return sdk.connectPhonectl({
      server,
      ...(credentials && { key: credentials }),
      ...(ca !== undefined && { ca: readAuthority(ca) }),
      signal: this.signal,
    });
  }

  /** The server that this command goes to; `undefined` for the home of this machine. */
  protected get target(): Target | undefined {
    return this.#target;
  }

  protected get terminal(): Terminal {
    this.#terminal ??= detectTerminal(process, process.env, {
      colour: this.#flags['no-color'] ? 'never' : this.#flags.color,
      noInput: this.#flags['no-input'],
    });
    return this.#terminal;
  }

  /** Colours and symbols for stdout. */
  protected get style(): Style {
    return stdoutStyle(this.terminal);
  }

  /** What the prompts of `prompt.ts` and `secrets.ts` need. Ends the progress: a spinner would write over a question. */
  protected get prompts(): PromptContext {
    this.#progress?.stop();
    return { terminal: this.terminal, yes: this.#flags.yes === true, signal: this.signal };
  }

  /** The form of the answer: --json, --output, PHONECTL_OUTPUT, else a table. */
  protected get format(): OutputFormat {
    return this.#flags.json ? 'json' : (this.#flags.output ?? 'table');
  }

  /** Replaces the declared view for this run, where flags decide what the result is. */
  protected view(view: AnyView): void {
    this.#view = view;
  }

  /** Whether nobody wants to see how far it is: --quiet, or an answer for programs. */
  protected get silent(): boolean {
    return this.#flags.quiet === true || this.format !== 'table';
  }

  /** A remark for people on stderr; silent with --quiet and with JSON. */
  protected note(text: string): void {
    if (this.#flags.quiet || this.format === 'json' || this.format === 'ndjson') return;
    process.stderr.write(`${text}\n`);
  }

  /** A line for people under a list on a terminal, made after the list is shown: `412 phones · 4 need you`. */
  protected noteAfter(make: () => Promise<string | undefined>): void {
    this.#after = make;
  }

  /** A warning on stderr, also with --quiet; a line of JSON where the answer is JSON. */
  protected warning(text: string): void {
    if (this.format === 'json' || this.format === 'ndjson') {
      process.stderr.write(`${JSON.stringify({ warning: { message: text } })}\n`);
      return;
    }
    const style = stderrStyle(this.terminal);
    process.stderr.write(`${style.paint('yellow', 'Warning:')} ${text}\n`);
  }

  /** Shows progress on stderr until the command ends or the next call. */
  protected async progress(text: string): Promise<Progress> {
    this.#progress?.stop();
    const { startProgress } = await import('./progress.ts');
    this.#progress = await startProgress(this.terminal, this.silent, text);
    return this.#progress;
  }

  /** Asks as the effect demands, see `confirmEffect`; --yes answers. */
  protected async confirm(effect: Effect, number: number, what: string): Promise<void> {
    this.#nameTarget(effect);
    const { confirmEffect } = await import('./prompt.ts');
    await confirmEffect(this.prompts, effect, number, what);
  }

  /** Before anything that phones or people would notice: where it is about to happen. */
  #nameTarget(effect: Effect): void {
    if (effect === 'read' || effect === 'write') return;
    const place = this.#place();
    if (place === undefined) return;
    const json = this.format === 'json' || this.format === 'ndjson';
    const { name, server, home } = place;
    process.stderr.write(`${json ? JSON.stringify({ context: place }) : `On ${name} (${server ?? home}):`}\n`);
  }

  /** Where this command happens, if not in the home that every other command goes to. */
  #place(): { name: string; server?: string; home?: string } | undefined {
    if (this.#target !== undefined) return { name: this.#target.name, server: this.#target.server };
    const { home } = this.#flags;
    return home !== undefined && this.#typed.has('home') ? { name: LOCAL, home } : undefined;
  }

  /** Device references as given, with `-` replaced by the lines of stdin. */
  protected async references(refs: readonly string[] | undefined): Promise<string[]> {
    const all: string[] = [];
    for (const ref of refs ?? []) {
      if (ref === '-') all.push(...(await (await import('./streams.ts')).readLines('-')));
      else all.push(ref);
    }
    return all;
  }

  /** The part of the list flags that the view's `sdk` leaves to the SDK; spread it into the operation's input. */
  protected query(): ListQuery {
    const view = this.currentView;
    const does = new Set(view?.kind === 'list' ? (view.sdk ?? []) : []);
    const flags = this.#flags;
    // A limit may only be left to the SDK when nothing is sifted or sorted after it, and nobody wants the total.
    const kitSifts =
      (flags.search !== undefined && !does.has('search')) ||
      (flags.filter !== undefined && !does.has('filter')) ||
      (flags.sort !== undefined && !does.has('sort'));
    const limit = limitOf({ format: this.format, limit: flags.limit }, this.terminal);
    const pushLimit = does.has('limit') && !kitSifts && limit !== undefined && !this.#countsTotal();
    return {
      ...(does.has('search') && flags.search !== undefined && { search: flags.search }),
      ...(does.has('sort') && flags.sort !== undefined && { sort: flags.sort }),
      ...(does.has('filter') && flags.filter !== undefined && { filter: flags.filter }),
      ...(pushLimit && { limit, offset: ((flags.page ?? 1) - 1) * limit }),
    };
  }

  /** Writes chunks to --out: `-` is stdout, a file is replaced as a whole. */
  protected async writeTo(
    path: string,
    chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  ): Promise<void> {
    if (path !== '-') {
      const { writeFileAtomically } = await import('./streams.ts');
      const size = await writeFileAtomically(path, chunks);
      this.note(`${path}: ${size.toLocaleString('en-US')} bytes written.`);
      return;
    }
    for await (const chunk of chunks) {
      if (typeof chunk === 'string') await this.out.write(chunk);
      else await this.out.writeBytes(chunk);
    }
    await this.out.flush();
  }

  /** Sets the exit status of a command that ends without an error: EXIT.failed, EXIT.unfinished, EXIT.differences. */
  protected exitWith(status: number): void {
    if (status !== 0) process.exitCode = status;
  }

  /** Exit status of a batch by its results; returns the batch. */
  protected batch<B extends BatchResult>(result: B): B {
    this.exitWith(batchExit(result));
    return result;
  }

  protected override async parse<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const declared = (options ?? this.ctor) as Input<F, B, A>;
    const parsed = await super.parse<F, B, A>(
      {
        ...declared,
        flags: hardenFlags({ ...declared.baseFlags, ...declared.flags } as FlagInput) as FlagInput<F>,
        args: hardenArgs(declared.args as ArgInput | undefined) as ArgInput<A>,
      },
      argv,
    );
    this.#flags = parsed.flags as ViewFlagValues;
    this.#typed = new Set(parsed.raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : [])));
    this.#target = this.#findTarget();
    if (!('save-view' in (declared.flags ?? {}))) return parsed;
    const flags = await this.#withView(parsed);
    this.#flags = flags as ViewFlagValues;
    return { ...parsed, flags: flags as typeof parsed.flags };
  }

  /** The flags of a list together with those of its saved view. */
  async #withView(parsed: Pick<ParserOutput, 'flags' | 'metadata'>): Promise<FlagOutput> {
    const { id } = this.constructor as typeof PhonectlCommand;
    return await withSavedView(id.replaceAll(':', ' '), parsed, {
      interactive: this.format === 'table' && this.terminal.stdoutIsTty,
      env: process.env,
      tell: (text) => this.note(text),
    });
  }

  #findTarget(): Target | undefined {
    const { usesSdk, local, id } = this.constructor as typeof PhonectlCommand;
    if (!usesSdk) return undefined;
    const target = findTarget(this.#flags, this.#typed, process.env);
    if (target === undefined || !local) return target;
    throw new PhonectlError('local_only', `\`${id.replaceAll(':', ' ')}\` is about this machine, not about a server.`, {
      hints: [`Commands go to ${target.name} (${target.server}) now; give --context local.`],
      details: { context: target.name, server: target.server },
    });
  }

  protected override async _run<T>(): Promise<T> {
    try {
      await this.init();
      if ((this.constructor as typeof PhonectlCommand).usesSdk) {
        this.#sdk = await import('../sdk/index.ts');
      }
      const result = await this.finish(await this.run());
      await this.#present(result);
      await this.afterwards();
      if (this.#flags.watch) await this.#watch();
      return undefined as T;
    } finally {
      this.#progress?.stop();
      await this.#phonectl?.close();
    }
  }

  protected override async init(): Promise<void> {
    this.warnIfCommandDeprecated();
  }

  /** The last word on the answer before it is shown; `--push` puts its part in here. */
  protected async finish(answer: Result): Promise<Result> {
    return answer;
  }

  /** What is left to do when the answer is out; the demo keeps its fleet running here. */
  protected async afterwards(): Promise<void> {}

  /** Errors are shown in one place, `main.ts`. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }

  override warn(input: Error | string): Error | string {
    this.warning(typeof input === 'string' ? input : input.message);
    return input;
  }

  private ctorView(): AnyView | undefined {
    return (this.constructor as typeof PhonectlCommand).view;
  }

  /** How the answer of this run will look. */
  protected get currentView(): AnyView | undefined {
    return this.#view ?? this.ctorView();
  }

  #countsTotal(): boolean {
    return this.format === 'table' && this.terminal.stdoutIsTty;
  }

  async #present(result: unknown): Promise<void> {
    const view = this.currentView;
    await render(result, view, this.#renderOptions(), {
      out: this.out,
      terminal: this.terminal,
      style: this.style,
      note: (text) => this.note(text),
    });
    if (this.#after && this.format === 'table' && this.terminal.stdoutIsTty && !this.#flags.quiet) {
      const line = await this.#after();
      if (line !== undefined) this.note(line);
    }
    if (view?.kind === 'text' && view.exit) this.exitWith(view.exit(result as never));
  }

  #renderOptions(): RenderOptions {
    const flags = this.#flags;
    return {
      format: this.format,
      columns: flags.columns,
      header: flags.header ?? true,
      wide: flags.wide ?? false,
      search: flags.search,
      filters: flags.filter,
      sort: flags.sort,
      limit: flags.limit,
      page: flags.page,
      dryRun: flags['dry-run'],
    };
  }

  async #watch(): Promise<void> {
    const { pauseWatching } = await import('./watching.ts');
    const still = this.#target && (async () => await this.phonectl.auth.whoami({}, { signal: this.signal }));
    while (!this.signal.aborted) {
      await pauseWatching((this.#flags.interval ?? 2) * 1000, this.signal, still);
      if (this.signal.aborted) return;
      const result = await this.run();
      if (this.terminal.stdoutIsTty && this.format === 'table') await this.out.write('\u001b[H\u001b[2J');
      await this.#present(result);
    }
  }
}
