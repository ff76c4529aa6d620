import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { findAdapters } from './find.ts';
import { writeSafetensors, type NamedTensor } from './safetensors.ts';
import { stackedAdapters, type StackedAdapter } from './stack.ts';

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
  const adapters = await stackedAdapters(await findAdapters(model));
  const [first] = adapters;
  if (first === undefined) throw noAdapter();
  const { rank } = first;
  const config = {
    peft_type: 'LORA',
    task_type: task,
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: first.scale * rank,
    ...patternsOf(first, adapters),
    lora_dropout: dropout,
    target_modules: [...new Set(adapters.map(({ module }) => lastPart(module)))].sort(),
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
  };
  return {
    weights: writeSafetensors(adapters.flatMap(tensorsOf)),
    config: `${JSON.stringify(config, null, 2)}\n`,
  };
}

/** Ranks and alphas of modules that have others than the first. */
function patternsOf(first: StackedAdapter, adapters: readonly StackedAdapter[]) {
  const others = adapters.filter(({ rank, scale }) => rank !== first.rank || scale !== first.scale);
  if (others.length === 0) return {};
  return {
    rank_pattern: Object.fromEntries(others.map(({ module, rank }) => [module, rank])),
    alpha_pattern: Object.fromEntries(
      others.map(({ module, rank, scale }) => [module, scale * rank]),
    ),
  };
}

function tensorsOf(adapter: StackedAdapter): readonly NamedTensor[] {
  const { module, inFeatures, outFeatures, rank, a, b } = adapter;
  const name = `base_model.model.${module}`;
  return [
    { name: `${name}.lora_A.weight`, dims: [rank, inFeatures], values: a },
    { name: `${name}.lora_B.weight`, dims: [outFeatures, rank], values: b },
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
