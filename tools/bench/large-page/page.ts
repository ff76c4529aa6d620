/** Compresses the files of the one input through the studio's own engine worker; `in-chromium.ts` asks. */
import * as Comlink from 'comlink';
import { presetByName } from '../../../src/core/recipe/presets.ts';
import { installErrorCodec } from '../../../workers/errors.ts';
import type { EngineWorker } from '../../../workers/protocol.ts';

installErrorCodec();

const engine = Comlink.wrap<EngineWorker>(
  new Worker(new URL('../../../workers/engine.worker.ts', import.meta.url), { type: 'module' }),
);

/** Copies the chosen files into the origin-private file system, so that the model is read from there. */
async function stored(files: readonly File[]): Promise<{ path: string; blob: File }[]> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('bench', { create: true });
  const copies: { path: string; blob: File }[] = [];
  for (const file of files) {
    const handle = await folder.getFileHandle(file.name, { create: true });
    await file.stream().pipeTo(await handle.createWritable());
    copies.push({ path: file.name, blob: await handle.getFile() });
  }
  return copies;
}

async function compress(preset: string) {
  const input = document.querySelector('input');
  const files = await stored([...(input?.files ?? [])]);
  const start = performance.now();
  const view = await engine.open({ name: 'large', origin: 'file', files });
  const opened = performance.now();
  const { recipe } = presetByName(preset);
  const trial = await engine.run(
    recipe,
    Comlink.proxy(() => undefined),
  );
  const blob = await engine.file(trial.id);
  return {
    sha256: view.sha256,
    openSeconds: (opened - start) / 1000,
    runSeconds: (performance.now() - opened) / 1000,
    output: trial.report?.outputSha256,
    notMeasured: trial.report?.notMeasured,
    bytes: blob.size,
  };
}

Object.assign(globalThis, { compress });
