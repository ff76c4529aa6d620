/**
 * `npm run evidence -- corpus`: tries everything on models in the shapes that exporters write, through the command
 * line, and prints a table. `--models DIR` names the corpus (folders `models/` and `data/`); without it the part that
 * is shipped with the tests is tried. `--only TEXT` tries the entries whose name holds TEXT, `--out FILE` keeps the
 * table. Exit status 1 where a cell is neither done nor refused as expected.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { corpusEvidence } from './evidence/corpus/run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});

if (positionals.join() !== 'corpus') {
  console.error(`There is no evidence "${positionals.join(' ')}"; there is: corpus.`);
  process.exit(2);
}
const { table, wrong } = await corpusEvidence(values);
console.log(table);
if (values.out !== undefined) await writeFile(values.out, table);
process.exitCode = wrong === 0 ? 0 : 1;
