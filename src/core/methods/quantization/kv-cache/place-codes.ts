import { Emitter } from '../../../encodings/emitter.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import { ensureOpset, opsetOf } from '../../../onnx/graph/opset.ts';
import type { Model, ValueInfo } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { storedChannels } from './codes.ts';
import type { CachePlace } from './places.ts';
import { readCache, storeCache, type CacheCode } from './store.ts';

/** A cache whose ranges calibration fixes, and the holes they go into. */
export interface FixedCache extends CachePlace {
  readonly ranges: { readonly scales: string; readonly offsets: string };
}

export interface PlacedCodes {
  readonly model: Model;
  readonly fixed: readonly FixedCache[];
}

/** Clip takes its bounds as inputs since this version. */
const LEAST_OPSET = 11;

/**
 * The model with caches stored as bytes. What a run reads anew is attended to as it is; what it found in the cache is
 * read back from bytes, and the bytes themselves go on unchanged:
 * K = [read(past), K_new], present = [past, store(K_new)]. So a text's first run computes what it computed before.
 */
export function placeCodes(given: Model, places: readonly CachePlace[], bits: number): PlacedCodes {
  const model = ensureOpset(given, '', LEAST_OPSET);
  const edit = editGraph(model.graph);
  const index = indexGraph(model.graph);
  const emit = new Emitter((base) => edit.freshName(base), index);
  const opset = opsetOf(model, '');
  const codes = places.map((place): CacheCode => {
    const ranges = place.fixed ? rangeHoles(emit, place) : undefined;
    return { ...place, bits, opset, ...(ranges && { ranges }) };
  });
  for (const code of codes) {
    placeOne(edit, index, emit, code);
    declare(edit, model, code);
  }
  for (const tensor of emit.initializers) edit.addInitializer(tensor);
  const fixed = codes.flatMap(({ ranges, ...place }) => (ranges ? [{ ...place, ranges }] : []));
  return { model: { ...model, graph: edit.finish() }, fixed };
}

function placeOne(edit: GraphEditor, index: GraphIndex, emit: Emitter, code: CacheCode): void {
  const { past, present } = code;
  const fused = index.consumers(past).some(({ domain }) => domain === 'com.microsoft');
  const bytes = fused ? ofUnknownLength(emit, code) : past;
  const reads = readCache(emit, bytes, code);
  const before = emit.takeNodes();
  const [kept, fresh] = parted(emit, code);
  const stored = storeCache(emit, fresh, code);
  const grown = emit.op('Concat', [kept, stored], { axis: code.axis });
  const behind = emit.takeNodes();
  edit.replaceUses(past, reads);
  edit.replaceUses(present, grown, index.consumers(present));
  edit.addNodes(...before, ...behind);
}

/**
 * The bytes that stay and the numbers that are new, told by the number of ids: an input that stands for no cache in
 * a merged decoder may have a token that is read by nobody.
 */
function parted(emit: Emitter, code: CacheCode): readonly [kept: string, fresh: string] {
  const { past, present, axis, tokens } = code;
  const count = (value: string, at: number): string =>
    emit.op('Gather', [emit.op('Shape', [value]), emit.integers([at])], { axis: 0 });
  const old = emit.op('Sub', [count(present, axis), count(tokens, -1)]);
  const first = emit.op('Sub', [count(past, axis), old]);
  const from = (value: string, start: string): string =>
    emit.op('Slice', [
      value,
      start,
      emit.integers([Number.MAX_SAFE_INTEGER]),
      emit.integers([axis]),
    ]);
  return [from(past, first), from(present, old)];
}

/**
 * The same bytes, of a length that shape inference does not know: onnxruntime 1.30 takes the cache that comes out of
 * GroupQueryAttention for as long as the one that goes in, and writes it over what is no input of the graph.
 */
function ofUnknownLength(emit: Emitter, { past, axis }: CacheCode): string {
  const length = emit.op('Gather', [emit.op('Shape', [past]), emit.integers([axis])], { axis: 0 });
  const start = emit.op('Sub', [length, length]);
  const end = emit.integers([Number.MAX_SAFE_INTEGER]);
  return emit.op('Slice', [past, start, end, emit.integers([axis])]);
}

/** s_c and m_c [1, heads, 1, channels]: one number for each place along all axes but batch and tokens. */
function rangeHoles(emit: Emitter, place: CachePlace): FixedCache['ranges'] {
  const dims = place.dims.map((dim, at) =>
    at === place.batch || at === place.axis ? 1 : Number(dim),
  );
  const hole = (what: string): string =>
    emit.tensor(`${place.past}_${what}`, dims, DataType.float32);
  return { scales: hole('scale'), offsets: hole('offset') };
}

/** The input and the output that continues it are bytes of the stored width. */
function declare(edit: GraphEditor, { graph }: Model, code: CacheCode): void {
  const size = storedChannels(code.channels, code.bits, code.fixed);
  for (const info of [...graph.inputs, ...graph.outputs]) {
    if (info.name !== code.past && info.name !== code.present) continue;
    edit.setValueInfo(asBytes(info, code.channel, size));
  }
}

function asBytes(info: ValueInfo, channel: number, size: number): ValueInfo {
  const dims = info.type?.dims?.map((dim, at) => (at === channel ? { value: size } : dim));
  return { ...info, type: { ...info.type, dataType: DataType.uint8, dims } };
}
