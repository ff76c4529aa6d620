/**
 * `npm run evidence -- corpus`: tries everything on models in the shapes that exporters write, through the command
 * line, and prints a table. `--models DIR` names the corpus (folders `models/` and `data/`); without it the part that
 * is shipped with the tests is tried. `--only TEXT` tries the entries whose name holds TEXT, `--out FILE` keeps the
 * table. Exit status 1 where a cell is neither done nor refused as expected.
 *
 * `npm run evidence -- pruning`: the numbers that pruning, low rank and sharing must come to, measured and written to
 * docs/evidence/pruning.md (or `--out FILE`). `--only 2,5` takes some lines; `--scratch DIR` keeps finished runs, so
 * that another sitting goes on (out/evidence/pruning without it). Exit status 1 where a line does not hold.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    scratch: { type: 'string' },
    threads: { type: 'string' },
  },
});

async function corpus(): Promise<number> {
  const { corpusEvidence } = await import('./evidence/corpus/run.ts');
  const { table, wrong } = await corpusEvidence(values);
  console.log(table);
  if (values.out !== undefined) await writeFile(values.out, table);
  return wrong;
}

async function pruning(): Promise<number> {
  const { evidenceOf } = await import('./evidence/numbers/run.ts');
  const { pruning: page } = await import('./evidence/pruning/page.ts');
  return evidenceOf(page, values);
}

async function quantization(): Promise<number> {
  const { evidenceOf } = await import('./evidence/numbers/run.ts');
  const { quantization: page } = await import('./evidence/quantization/page.ts');
  return evidenceOf(page, values);
}

// Each is loaded when it is asked for: one of them needs a library that the others do without.
const EVIDENCE: Readonly<Record<string, () => Promise<number>>> = { corpus, pruning, quantization };

const [name = ''] = positionals;
if (positionals.length !== 1 || !Object.hasOwn(EVIDENCE, name)) {
  const names = Object.keys(EVIDENCE).join(', ');
  console.error(`There is no evidence "${positionals.join(' ')}"; there is: ${names}.`);
  process.exit(2);
}
process.exitCode = (await EVIDENCE[name]()) === 0 ? 0 : 1;
