import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { transpose } from '../tensor/matrix.ts';
import { toFloat32 } from '../tensor/convert.ts';
import { findAdapters, type FoundAdapter } from './find.ts';
import { writeSafetensors, type NamedTensor } from './safetensors.ts';

export interface PeftFiles {
  /** `adapter_model.safetensors` */
  readonly weights: Uint8Array;
  /** `adapter_config.json` */
  readonly config: string;
}

/**
 * The adapters kept in a model, in the layout of Hugging Face's PEFT: `lora_A.weight` [r, in] and
 * `lora_B.weight` [out, r] under `base_model.model.MODULE`, and r, alpha and the modules in the
 * configuration; `dropout` is what it was trained with. Throws `no-adapter` when the model has none.
 */
export async function peftFiles(
  model: Model,
  base: string,
  task: string,
  dropout = 0,
): Promise<PeftFiles> {
  const adapters = await findAdapters(model);
  const [first] = adapters;
  if (first === undefined) throw noAdapter();
  const tensors = await Promise.all(adapters.map(tensorsOf));
  const rank = first.a.dims[1];
  const config = {
    peft_type: 'LORA',
    task_type: task,
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: first.scale * rank,
    lora_dropout: dropout,
    target_modules: [...new Set(adapters.map(({ module }) => lastPart(module)))].sort(),
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
  };
  return {
    weights: writeSafetensors(tensors.flat()),
    config: `${JSON.stringify(config, null, 2)}\n`,
  };
}

async function tensorsOf({ module, a, b }: FoundAdapter): Promise<NamedTensor[]> {
  const name = `base_model.model.${module}`;
  const [inFeatures, rank] = a.dims;
  const outFeatures = b.dims[1];
  const [left, right] = [await a.data.read(), await b.data.read()];
  return [
    {
      name: `${name}.lora_A.weight`,
      dims: [rank, inFeatures],
      values: transpose(toFloat32(a.dataType, left, inFeatures * rank), inFeatures, rank),
    },
    {
      name: `${name}.lora_B.weight`,
      dims: [outFeatures, rank],
      values: transpose(toFloat32(b.dataType, right, rank * outFeatures), rank, outFeatures),
    },
  ];
}

function lastPart(module: string): string {
  return module.slice(module.lastIndexOf('.') + 1);
}

function noAdapter(): LatheError {
  return new LatheError(
    'no-adapter',
    'The model has no adapter beside its weights: it was merged, or none was trained; train LoRA with the result "adapter".',
  );
}
