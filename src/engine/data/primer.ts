import { readModel } from '../../core/onnx/read.ts';
import type { Model } from '../../core/onnx/types.ts';
import { cacheOf, tokensPerRun } from '../../runtime/cache-ports.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import { externalResolver, modelFile } from '../model/folder.ts';
import type { OpenModel } from '../model/open.ts';
import { partOf, siblingPart } from '../model/parts.ts';

/** Another file of the same model, opened when it is asked for. */
export interface Primer {
  readonly path: string;
  readonly model: () => Promise<Model>;
}

/** Whether a model takes one token a run, behind its cache. */
export function readsSingly({ model }: Pick<OpenModel, 'model'>): boolean {
  const inputs = inputPorts(model);
  return (
    tokensPerRun(inputs) === 1 && cacheOf({ inputs, outputs: outputPorts(model) }) !== undefined
  );
}

/**
 * The decoder that reads whole texts, beside one that takes one token behind a cache: it can make the cache the other
 * starts from. Undefined for any other model, or where there is none.
 */
export function primerOf(open: Pick<OpenModel, 'model' | 'folder'>): Primer | undefined {
  if (!readsSingly(open)) return undefined;
  const { folder } = open;
  const part = partOf(modelFile(folder));
  const found = part.role === 'decoder-with-past' && siblingPart(folder, part, 'decoder');
  const file = found && folder.files.find(({ path }) => path === found.path);
  if (!file) return undefined;
  const external = externalResolver(folder, file);
  return { path: file.path, model: () => readModel(file.source, { external }) };
}
