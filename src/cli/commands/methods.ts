import { allMetas } from '../../core/methods/catalog.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { PRESETS } from '../../core/recipe/presets.ts';
import { commandArguments } from '../arguments.ts';
import { printJson, printTable } from '../print.ts';

/** `lathe methods`: what there is, with options. */
export async function methods(argv: readonly string[]): Promise<void> {
  const args = commandArguments('methods', argv, { json: 'boolean' }, [], false);
  if (args.options['json'] === true) {
    printJson({
      methods: allMetas().map((meta) => {
        // What is code in them says nothing as JSON.
        const { blocks: _, ...said } = meta;
        return { ...said, options: optionsForm(meta) };
      }),
      presets: PRESETS,
    });
    return;
  }
  printTable(
    ['method', 'family', 'needs', 'what it does'],
    allMetas().map((meta) => [
      meta.id,
      meta.family,
      meta.needs.join(', ') || 'nothing',
      meta.summary,
    ]),
  );
}
