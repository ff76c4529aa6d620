/**
 * Hashes of the files that about three hundred recipes give, on the shipped samples and the layout
 * fixtures, one WASM thread: `tsx tools/pin-hashes.ts` writes them to test/fixtures/recipe-hashes.json,
 * `--check` compares with what stands there and lists what differs, `--only TEXT` takes the pins whose name
 * holds TEXT ("stories", "gptq"), `--calibrated`
 * those whose recipe looks at data, `--threads N` computes on so many, and `--out FILE` writes elsewhere
 * (tools/thread-bits.ts compares numbers of threads so). `graph` is the file without its metadata, so that a change of a measured
 * error alone can be told from a change of the model.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { layoutFixtures } from '../test/fixtures/layouts/all.ts';
import { pinnedLayout, pinnedSample } from '../test/support/pins/models.ts';
import { pinOf, type Pin, type PinnedModel } from '../test/support/pins/pin.ts';
import {
  CALIBRATED,
  CHAINS,
  PLAIN,
  TRAINED,
  type PinnedRecipe,
} from '../test/support/pins/recipes.ts';

const PINNED = new URL('../test/fixtures/recipe-hashes.json', import.meta.url);
const FILE = valueOf('--out') ?? PINNED;
const [check, only] = [process.argv.includes('--check'), valueOf('--only')];
const threads = Number(valueOf('--threads') ?? 1);
/** What never looks at data computes nothing on the device. */
const plain = process.argv.includes('--calibrated') ? [] : PLAIN;

function valueOf(flag: string): string | undefined {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1];
}

type Pins = Record<string, Pin | string>;

const known = read();
const found: Pins = {};

function read(): Pins {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Pins;
  } catch {
    return {};
  }
}

async function pin(
  model: () => Promise<PinnedModel>,
  name: string,
  recipes: readonly PinnedRecipe[],
) {
  const wanted = recipes.filter(
    (recipe) => only === undefined || `${name} ${recipe.name}`.includes(only),
  );
  if (wanted.length === 0) return;
  const opened = await model();
  for (const recipe of wanted) {
    const key = `${name} ${recipe.name}`;
    found[key] = await pinOf(opened, recipe, threads);
    const same = JSON.stringify(found[key]) === JSON.stringify(known[key]);
    if (check && !same) console.log(`${key}\n  was ${text(known[key])}\n  is  ${text(found[key])}`);
  }
  console.error(`${name}: ${wanted.length}`);
}

function text(value: Pin | string | undefined): string {
  if (value === undefined || typeof value === 'string') return value ?? 'not pinned';
  return `${value.bytes} bytes, file ${value.file.slice(0, 12)}, graph ${value.graph.slice(0, 12)}`;
}

for (const fixture of layoutFixtures) {
  await pin(() => pinnedLayout(fixture), fixture.name, [...plain, ...CALIBRATED]);
}
await pin(() => pinnedSample('stories'), 'stories', [
  ...plain,
  ...CALIBRATED,
  ...CHAINS,
  ...TRAINED,
]);
for (const sample of ['digits', 'handwriting', 'mail']) {
  await pin(() => pinnedSample(sample), sample, [...plain, ...CALIBRATED, ...CHAINS]);
}
await pin(() => pinnedSample('prose'), 'prose', plain);

const changed = Object.keys(found).filter(
  (key) => JSON.stringify(found[key]) !== JSON.stringify(known[key]),
);
console.log(`${Object.keys(found).length} recipes, ${changed.length} differ`);
if (!check) writeFileSync(FILE, `${JSON.stringify({ ...known, ...found }, null, 1)}\n`);
process.exitCode = check && changed.length > 0 ? 1 : 0;
