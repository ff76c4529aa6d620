import type { ShippedTrial, ShippedTrials } from '../../../src/core/report/shipped.ts';
import type { Recipe } from '../../../src/core/recipe/types.ts';
import { partDataName } from '../../../src/core/recipe/part-name.ts';
import { modelFolder } from '../../../src/cli/files/model-folder.ts';
import { chooseData } from '../../../src/engine/data/choose.ts';
import { WASM_HEAP, type Host } from '../../../src/engine/host.ts';
import { openModel, type OpenModel } from '../../../src/engine/model/open.ts';
import { runTrial } from '../../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../../src/engine/storage/memory.ts';
import { createWasmRuntime } from '../../../src/runtime/ort-wasm.ts';

const ELSEWHERE =
  'Measured by the project on another computer, whose times are not those of this one.';

/** A sample as the page opens it. */
export async function openSample(name: string): Promise<OpenModel> {
  return openModel(await modelFolder(`sample:${name}`));
}

/** WebAssembly computes, as the page does where it promises the same bytes everywhere. */
export function shippedHost(threads: number): Host {
  return {
    storage: new MemoryStorage(),
    runtime: () => createWasmRuntime({ threads }),
    device: 'wasm',
    deviceReason: ELSEWHERE,
    memoryLimit: WASM_HEAP,
    now: () => Date.now(),
    statistics: new Map(),
  };
}

/** One recipe, run and measured as the page would. */
export async function measureShipped(
  host: Host,
  open: OpenModel,
  recipe: Recipe,
): Promise<ShippedTrial> {
  const data = await chooseData(open, recipe);
  const input = { open, recipe, dataName: partDataName(open, recipe), ...data };
  const { id, name, report } = await runTrial(host, input, { progress: () => {} });
  if (report?.verified !== true) throw new Error(`${name} was not verified`);
  return { id, name, report };
}

/** Everything that is the same on every computer: times and day are left out. */
export function comparable(shipped: ShippedTrials): unknown {
  const trials = shipped.trials.map(({ report, ...trial }) => ({
    ...trial,
    report: without(report, ['latency', 'device']),
  }));
  return { ...without(shipped, ['measured', 'how']), trials };
}

function without<T extends object>(value: T, keys: readonly (keyof T & string)[]): Partial<T> {
  const kept = Object.entries(value).filter(([key]) => !keys.some((other) => other === key));
  return Object.fromEntries(kept) as Partial<T>;
}
