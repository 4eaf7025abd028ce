import { integer, string } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';
import { choice } from '../../cli/flags.ts';

export default class CallDial extends ControlCommand {
  static override summary = 'Makes phones place a call.';
  static override description = 'Success means that the phone shows or reports the call, not that somebody answered.';
  static override examples = [
    'phonectl call dial reception --to 1002',
    'phonectl call dial reception --to sip:1002@pbx.example.net --type sip --line 2',
  ];
  static override flags = {
    ...controlCommandFlags,
    to: string({ summary: 'Number or address.', required: true, helpValue: 'ADDRESS' }),
    type: choice(['tel', 'sip', 'h323'], { summary: 'How the address is meant. Default tel.' }),
    line: integer({ summary: 'The line to call from. Default 1.', helpValue: 'N', min: 1 }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallDial);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'place a call from',
      doing: 'Dialling',
      run: (input) =>
        this.phonectl.calls.dial(
          {
            ...input,
            to: flags.to,
            ...(flags.type !== undefined && { type: flags.type }),
            ...(flags.line !== undefined && { line: flags.line }),
          },
          { signal: this.signal },
        ),
    });
  }
}
