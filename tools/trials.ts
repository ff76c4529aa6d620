/**
 * Measures the trials that ship with the samples, from the shipped files alone, and lists them in the index:
 * `npm run trials -- [NAME …] [--check] [--list] [--threads N]`. Everything but times and day is the same on every
 * computer; `--check` measures again and says what differs, `--list` lists anew what was measured before.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packShipped, readShipped, type ShippedTrials } from '../src/core/report/shipped.ts';
import { canonicalJson } from '../src/engine/hash.ts';
import {
  comparable,
  measureShipped,
  openSample,
  shippedHost,
} from './gallery/trials/measure-shipped.ts';
import { SHIPPED_RECIPES } from './gallery/trials/recipes.ts';
import { showcaseOf } from './gallery/trials/showcase.ts';
import { changeSample, SAMPLES, sha256, TRIALS } from './samples/shelf.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});
const threads = Number(values.threads ?? availableParallelism());
const names = positionals.length > 0 ? positionals : Object.keys(SHIPPED_RECIPES);

async function measure(name: string): Promise<ShippedTrials> {
  const open = await openSample(name);
  const host = shippedHost(threads);
  const trials = [];
  for (const recipe of SHIPPED_RECIPES[name] ?? []) {
    const trial = await measureShipped(host, open, recipe);
    const { before, after, evaluation } = trial.report;
    const { perplexity, accuracy } = evaluation?.compressed ?? {};
    const quality = (perplexity ?? accuracy)?.value.toFixed(4);
    console.log(`${name} ${trial.name}: ${before.bytes} → ${after.bytes} B, ${quality}`);
    trials.push(trial);
  }
  return {
    version: 1,
    measured: new Date().toISOString().slice(0, 10),
    how: `npm run trials -- ${name}: Node.js, WebAssembly on ${threads} threads, the files of this folder.`,
    model: { name: open.name, sha256: open.sha256 },
    trials,
  };
}

function ship(name: string, shipped: ShippedTrials): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(packShipped(shipped))}\n`);
  writeFileSync(join(SAMPLES, name, TRIALS), bytes);
  list(name, shipped, bytes);
}

function list(name: string, shipped: ShippedTrials, bytes: Uint8Array): void {
  changeSample(name, (sample) => {
    const data = sample.files.find(({ path }) => path.startsWith('evaluation.'));
    if (data === undefined) throw new Error(`${name} has no evaluation data`);
    const file = {
      name: data.path,
      bytes: new Uint8Array(readFileSync(join(SAMPLES, name, data.path))),
    };
    const trials = { path: TRIALS, bytes: bytes.length, sha256: sha256(bytes) };
    return { ...sample, ...showcaseOf(shipped, file), trials };
  });
  console.log(`${name}: ${bytes.length} B`);
}

function shippedBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(SAMPLES, name, TRIALS)));
}

function shippedOf(name: string): ShippedTrials {
  return readShipped(JSON.parse(new TextDecoder().decode(shippedBytes(name))));
}

function differs(name: string, found: ShippedTrials): boolean {
  const known = shippedOf(name);
  const [a, b] = [known, found].map((trials) => canonicalJson(comparable(trials)));
  console.log(`${name}: ${a === b ? 'as shipped' : 'differs'}`);
  return a !== b;
}

for (const name of names) {
  if (values.list) {
    list(name, shippedOf(name), shippedBytes(name));
    continue;
  }
  const shipped = await measure(name);
  if (!values.check) ship(name, shipped);
  else if (differs(name, shipped)) process.exitCode = 1;
}
process.exit();
