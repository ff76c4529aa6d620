/**
 * `npm run formats`: runs every form an export can have on every device there is (WASM and WebGPU in
 * Chromium, WASM and the native runtime in Node) and writes what it found into docs/formats.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { FORMAT_CASES } from '../src/runtime/formats/cases.ts';
import { supports, type Support } from '../src/runtime/formats/support.ts';
import { createNodeRuntime } from '../src/runtime/ort-node.ts';
import { createWasmRuntime } from '../src/runtime/ort-wasm.ts';
import type { Runtime } from '../src/runtime/types.ts';
import { askBrowser } from './formats/in-browser.ts';
import { formatsPage } from './formats/report.ts';

const FILE = fileURLToPath(new URL('../docs/formats.md', import.meta.url));

async function main(): Promise<void> {
  const ids = FORMAT_CASES.map(({ id }) => id);
  const here = await askAll(await createWasmRuntime({ threads: 1 }), ids);
  const node = await askAll(await createNodeRuntime({ threads: 1 }), ids);
  const { browser, wasm, webgpu } = await askBrowser(ids);
  const differing = ids.filter((id) => here.get(id)?.ok !== wasm.get(id)?.ok);
  if (differing.length > 0)
    throw new Error(`WASM differs in Node and page: ${differing.join('; ')}`);
  const options = await prettier.resolveConfig(FILE);
  const text = formatsPage({ wasm, webgpu, node }, browser);
  writeFileSync(FILE, await prettier.format(text, { ...options, filepath: FILE }));
}

async function askAll(
  runtime: Runtime,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Support>> {
  const answers = new Map<string, Support>();
  for (const id of ids) answers.set(id, await supports(runtime, id));
  return answers;
}

await main();
