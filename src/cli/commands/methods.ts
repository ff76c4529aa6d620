import { allMethods } from '../../core/methods/registry.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { PRESETS } from '../../core/recipe/presets.ts';
import { commandArguments } from '../arguments.ts';
import { printJson, printTable } from '../print.ts';

/** `lathe methods`: what there is, with options. */
export async function methods(argv: readonly string[]): Promise<void> {
  const args = commandArguments('methods', argv, { json: 'boolean' }, [], false);
  if (args.options['json'] === true) {
    printJson({
      methods: allMethods().map(({ meta }) => {
        return { ...meta, options: optionsForm(meta) };
      }),
      presets: PRESETS,
    });
    return;
  }
  printTable(
    ['method', 'family', 'needs', 'what it does'],
    allMethods().map(({ meta }) => [
      meta.id,
      meta.family,
      meta.needs.join(', ') || 'nothing',
      meta.summary,
    ]),
  );
}
