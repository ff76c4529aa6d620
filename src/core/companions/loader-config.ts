import { companionJson, withJson } from './files.ts';
import { partBase, partOf, partPlace } from './parts.ts';
import type { Companions } from './types.ts';

/** Words of transformers.js for the files it can find by `dtype`. */
const DTYPES = [
  'fp32',
  'fp16',
  'q8',
  'int8',
  'uint8',
  'q4',
  'q4f16',
  'q2',
  'q2f16',
  'q1',
  'q1f16',
  'bnb4',
];

/**
 * The files with a `config.json` that tells transformers.js which dtype each of several parts has, and which
 * parts keep their weights in `…onnx_data` beside them (its fields `dtype` and `use_external_data_format` of
 * `transformers.js_config`): such a folder loads without options. A single file without data says it by its
 * name alone, and the files stay the very same; so do they without a `config.json`.
 * `paths` are all model and data files of the folder.
 */
export function withLoaderConfig(files: Companions, paths: readonly string[]): Companions {
  const config = companionJson(files, 'config.json');
  const models = paths.filter((path) => path.endsWith('.onnx'));
  const data = models.flatMap((path) => chunksOf(path, paths));
  if (!isRecord(config) || (models.length < 2 && data.length === 0)) return files;
  const known = config['transformers.js_config'];
  const told = {
    ...(isRecord(known) && known),
    ...(models.length > 1 && { dtype: Object.fromEntries(models.flatMap(dtypeOf)) }),
    ...(data.length > 0 && { use_external_data_format: Object.fromEntries(data) }),
  };
  return withJson(files, 'config.json', { ...config, 'transformers.js_config': told });
}

function dtypeOf(path: string): [string, string][] {
  const { dtype } = partOf({ path });
  return DTYPES.includes(dtype) ? [[partBase({ path }), dtype]] : [];
}

/** Loaders count the data files: `X.onnx_data`, `X.onnx_data_1`, … */
function chunksOf(path: string, paths: readonly string[]): [string, number][] {
  const data = paths.filter((other) => other.startsWith(`${path}_data`));
  const count = data.filter((other) => /_data(_\d+)?$/.test(other)).length;
  return count === 0 ? [] : [[path.slice(partPlace({ path }).length), count]];
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
