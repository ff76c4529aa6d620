import { makeValueInfo } from '../graph/make.ts';
import type { ValueInfo } from '../types.ts';
import type { ShapeInfo } from './infer.ts';

/** A declaration of what inference found: symbols as written, no type when none is known. */
export function inferredInfo(shapes: ShapeInfo, value: string): ValueInfo {
  const type = shapes.typeOf(value);
  if (type) return makeValueInfo(value, type.dataType, type.dims);
  const dataType = shapes.dataTypeOf(value);
  return dataType === undefined ? { name: value } : makeValueInfo(value, dataType);
}
