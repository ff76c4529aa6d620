import { partBase, partPlace, type ModelPart, type PartRole } from './parts.ts';

/** What is opened first where nothing was asked for: the most precise file of the part that does most. */
const ROLE_ORDER: readonly PartRole[] = [
  'model',
  'decoder-merged',
  'decoder',
  'decoder-with-past',
  'encoder',
  'vision',
  'audio',
  'text',
  'embedding',
];

const DTYPE_ORDER = [
  'fp32',
  'fp16',
  'q8',
  'int8',
  'uint8',
  'q4',
  'q4f16',
  'bnb4',
  'q3',
  'q2',
  'q2f16',
  'q1',
  'q1f16',
];

/**
 * The part that stands for a folder in which none was chosen: `model.onnx` where there is one, else the most
 * precise file by role, else by place and name.
 */
export function defaultPart<P extends ModelPart>(parts: readonly P[]): P | undefined {
  return [...parts].sort(compareParts)[0];
}

function compareParts(a: ModelPart, b: ModelPart): number {
  return (
    plainModel(b) - plainModel(a) ||
    rank(DTYPE_ORDER, a.dtype) - rank(DTYPE_ORDER, b.dtype) ||
    rank(ROLE_ORDER, a.role) - rank(ROLE_ORDER, b.role) ||
    a.path.split('/').length - b.path.split('/').length ||
    (a.path < b.path ? -1 : 1)
  );
}

/** Loaders look for it in these two places; 0 where it is neither. */
function plainModel({ path }: ModelPart): number {
  return ['onnx/model.onnx', 'model.onnx'].indexOf(path) + 1;
}

function rank(order: readonly string[], word: string): number {
  const at = order.indexOf(word);
  return at < 0 ? order.length : at;
}

/** Each part once, from its most precise file: what there is to compress in a folder. */
export function distinctParts<P extends ModelPart>(parts: readonly P[]): readonly P[] {
  const byName = new Map<string, P>();
  for (const part of parts) {
    const key = partPlace(part) + partBase(part);
    const known = byName.get(key);
    if (known === undefined || rank(DTYPE_ORDER, part.dtype) < rank(DTYPE_ORDER, known.dtype)) {
      byName.set(key, part);
    }
  }
  return [...byName.values()];
}

/** The most precise other file of the same part; none where the part itself is that. */
export function precisePart<P extends ModelPart>(
  parts: readonly P[],
  part: ModelPart,
): P | undefined {
  const same = parts.filter(
    (other) => partBase(other) === partBase(part) && partPlace(other) === partPlace(part),
  );
  const [precise] = distinctParts(same);
  return precise?.path === part.path ? undefined : precise;
}

/**
 * The other parts a loader needs beside the chosen ones: those of the same place, unless one of the chosen is
 * whole by itself. A merged decoder stands for the decoders with and without a cache.
 */
export function partsBeside<P extends ModelPart>(
  parts: readonly P[],
  chosen: readonly ModelPart[],
): readonly P[] {
  const bases = chosen.map((part) => partPlace(part) + partBase(part));
  const places = new Set(chosen.map(partPlace));
  const around = distinctParts(parts.filter((part) => places.has(partPlace(part))));
  if (around.every(({ role }) => role === 'model') || around.some(isWhole)) return [];
  const merged = around.some(({ role }) => role === 'decoder-merged');
  return around.filter(
    (part) => !bases.includes(partPlace(part) + partBase(part)) && !(merged && isCovered(part)),
  );
}

function isWhole(part: ModelPart): boolean {
  return partBase(part) === 'model';
}

function isCovered({ role }: ModelPart): boolean {
  return role === 'decoder' || role === 'decoder-with-past';
}
