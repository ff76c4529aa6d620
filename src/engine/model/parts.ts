import { partOf, partPlace, type ModelPart, type PartRole } from '../../core/companions/parts.ts';
import type { ModelFolder } from './types.ts';

export { partOf, type ModelPart, type PartRole };

/** The parts of a folder in the order of their paths. */
export function partsOf({ files }: ModelFolder): readonly ModelPart[] {
  return files.filter(({ path }) => /\.onnx$/i.test(path)).map(partOf);
}

/** The part with another role that belongs to one: in the same place, of the same dtype where there is one. */
export function siblingPart(
  folder: ModelFolder,
  part: ModelPart,
  role: PartRole,
): ModelPart | undefined {
  const beside = partsOf(folder).filter(
    (other) => other.role === role && partPlace(other) === partPlace(part),
  );
  const [exact, plain] = [part.dtype, 'fp32'].map((dtype) =>
    beside.find((other) => other.dtype === dtype),
  );
  return exact ?? plain ?? beside[0];
}
