import { allMetas } from '../../core/methods/catalog.ts';
import { needsText } from '../../core/methods/needs.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { PRESETS } from '../../core/recipe/presets.ts';
import { commandArguments } from '../arguments.ts';
import { printJson, printLine, printTable } from '../print.ts';

/** `lathe methods`: what there is, with options. */
export async function methods(argv: readonly string[]): Promise<void> {
  const args = commandArguments('methods', argv, { json: 'boolean' }, [], false);
  if (args.options['json'] === true) {
    printJson({
      // What is code in a method's words says nothing as JSON.
      methods: allMetas().map((meta) => {
        return { ...meta, blocks: undefined, options: optionsForm(meta) };
      }),
      presets: PRESETS,
    });
    return;
  }
  printTable(
    ['method', 'family', 'needs', 'what it does'],
    allMetas().map((meta) => [meta.id, meta.family, needsText(meta, 'nothing'), meta.summary]),
  );
  printLine();
  printTable(
    ['preset', 'what it is for'],
    PRESETS.map(({ name, summary }) => [name, summary]),
  );
}
