/** The base of commands that change what phones are given; see `pushing.ts`. */
import type { ArgInput, FlagInput, Input, OutputArgs, OutputFlags, ParserOutput } from '@oclif/core/interfaces';
import type { Phonectl } from '../sdk/index.ts';
import type { PlanView } from '../sdk/profiles/plan.ts';
import { controlInput } from './control.ts';
import { FollowingCommand } from './following-command.ts';
import { devicesOf, type Heard, pushExit, pushedView, throughPlans, withPushed } from './pushing.ts';
import { count } from './text.ts';

type Flags = Omit<Parameters<typeof controlInput>[0], 'wait'> & {
  readonly wait?: boolean;
  readonly push?: boolean;
  readonly 'dry-run'?: boolean;
  readonly yes?: boolean;
};

export abstract class PushingCommand<Result = unknown> extends FollowingCommand<Result> {
  #given: Flags | undefined;
  #face: Phonectl | undefined;
  readonly #heard: Heard[] = [];

  protected override get phonectl(): Phonectl {
    const { push = false, yes = false, 'dry-run': dryRun = false } = this.#given ?? {};
    if (!push && !dryRun) return super.phonectl;
    this.#face ??= throughPlans(super.phonectl, {
      ...(push && !dryRun && !yes && { before: (plan) => this.#ask(plan) }),
      heard: (heard) => this.#heard.push(heard),
    });
    return this.#face;
  }

  async #ask(plan: PlanView | null): Promise<void> {
    if (plan === null) await this.confirm('destructive', 1, 'make all phones fetch that get something else by it');
    else
      await this.confirm('disruptive', plan.devices, `make ${count(plan.devices, 'phone')} fetch their configuration`);
  }

  protected override async parse<
    F extends OutputFlags<FlagInput>,
    B extends OutputFlags<FlagInput>,
    A extends OutputArgs<ArgInput>,
  >(options?: Input<F, B, A>, argv?: string[]): Promise<ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    this.#given = parsed.flags as unknown as Flags;
    return parsed;
  }

  protected override async finish(answer: Result): Promise<Result> {
    const { push = false, 'dry-run': dryRun = false } = this.#given ?? {};
    if (dryRun) {
      const plan = this.#heard.filter(({ told }) => !told).at(-1)?.plan;
      return plan === undefined ? answer : this.#extend(answer, { plan });
    }
    if (!push || this.#given === undefined) return answer;
    const ids = devicesOf(this.#heard.filter((heard) => !heard.dryRun).map(({ plan }) => plan));
    if (ids.length === 0) return this.#extend(answer, { push: null });
    const request = { selector: { ids: [...ids] }, ...controlInput({ wait: true, ...this.#given }) };
    const events = this.phonectl.pushes.push(request, { signal: this.signal });
    return this.#extend(answer, { push: await this.follow(events, 'Bringing the configuration') });
  }

  #extend(answer: Result, pushed: Parameters<typeof withPushed>[1]): Result {
    const view = pushedView(this.currentView);
    if (view !== undefined) this.view(view);
    // What the command itself has said comes first: rows that were rejected.
    if ((process.exitCode ?? 0) === 0) this.exitWith(pushExit(pushed));
    return withPushed(answer, pushed);
  }
}
