import { dropoutOf, keepsAdapter } from '../../src/core/adapters/keeps.ts';
import { findAdapters } from '../../src/core/adapters/find.ts';
import { peftFiles } from '../../src/core/adapters/peft.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { readWritten, type WrittenModel } from '../../src/engine/model/written.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import type { BundleFile } from './bundle.ts';

/** The adapter that a trial keeps beside its weights, as PEFT loads it; nothing when there is none. */
export async function adapterFiles(
  { recipe }: Trial,
  written: WrittenModel,
  { name, task }: OpenModel,
): Promise<BundleFile[]> {
  if (!keepsAdapter(recipe)) return [];
  const model = await readWritten(written);
  // A later step may have put the adapter into another form.
  if ((await findAdapters(model)).length === 0) return [];
  const { weights, config } = await peftFiles(model, name, peftTask(task), dropoutOf(recipe));
  return [
    {
      path: 'adapter/adapter_model.safetensors',
      blob: new Blob([weights as Uint8Array<ArrayBuffer>]),
    },
    { path: 'adapter/adapter_config.json', blob: new Blob([config], { type: 'application/json' }) },
  ];
}

function peftTask(task: OpenModel['task']): string {
  return task === 'language-model' ? 'CAUSAL_LM' : 'SEQ_CLS';
}
