/**
 * Trains a model of the gallery with the project's own trainer and ships it under public/samples:
 * `npm run gallery -- NAME [--baselines] [--stop-after STEPS] [--ship-now] [--runtime node|wasm]`.
 * Source data: packages, and the folder in LATHE_MATERIAL. A run that was stopped goes on where it was.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createNodeRuntime } from '../src/runtime/ort-node.ts';
import { createWasmRuntime } from '../src/runtime/ort-wasm.ts';
import { ENTRIES } from './gallery/entries.ts';
import { runGallery } from './gallery/gallery-run.ts';
import { openMaterial } from './gallery/material.ts';
import { trainerOn } from './gallery/train.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    baselines: { type: 'boolean', default: false },
    'ship-now': { type: 'boolean', default: false },
    'stop-after': { type: 'string' },
    runtime: { type: 'string', default: 'node' },
    threads: { type: 'string' },
  },
});

const entry = ENTRIES.find(({ name }) => name === positionals[0]);
if (entry === undefined) {
  const names = ENTRIES.map(({ name }) => name).join(', ');
  process.stderr.write(`usage: npm run gallery -- NAME, with NAME one of ${names}\n`);
  process.exit(2);
}

const threads = Number(values.threads ?? availableParallelism());
const good = await runGallery(entry, {
  material: openMaterial(),
  train: async () =>
    trainerOn(
      await (values.runtime === 'wasm' ? createWasmRuntime : createNodeRuntime)({ threads }),
    ),
  log: (line) => process.stdout.write(`${line}\n`),
  baselinesOnly: values.baselines,
  shipNow: values['ship-now'],
  ...(values['stop-after'] && { stopAfter: Number(values['stop-after']) }),
});
process.exit(good ? 0 : 1);
