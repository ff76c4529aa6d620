import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { DataType, dataTypeName } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import { castTo } from '../coded/unpack.ts';
import type { Codec, Form, Site, StoredTensor } from '../form.ts';
import { planned, requireKind } from '../problems.ts';
import type { Plain } from '../types.ts';

/**
 * Values as they are. In another type than the weight's own there is a Cast back to what the graph
 * computes in: onnxruntime folds it when it loads the model, so half storage runs on devices without
 * half arithmetic too.
 */
export const plain: Codec<Plain> = {
  opset: () => 1,
  form: (structure, site): Form => ({
    id: 'plain',
    tensors: (encoded) => [plainTensor(requireKind(encoded, 'plain'), site)],
    connect: (emit, [stored]) => {
      const { dataType } = structure;
      const elementType = dataType === site.dataType ? dataType : site.elementType;
      const value = castTo(emit, stored, dataType, elementType);
      return { value: () => ({ value, layout: site.stored, elementType }) };
    },
  }),
  decode: ({ dataType, values = planned() }) =>
    dataType === DataType.float32
      ? values
      : toFloat32(dataType, fromFloat32(dataType, values, true), values.length),
  group: () => undefined,
  did: ({ dataType }) => `stored as ${dataTypeName(dataType) ?? `type ${dataType}`}`,
  key: ({ dataType }) => `plain(${dataType})`,
};

/** Values in the layout and dims the weight has in the graph. */
export function plainTensor({ dataType, values }: Plain, site: Site): StoredTensor {
  const { rows, columns, stored, dims } = site;
  const laid = values && stored === 'in-out' ? transpose(values, rows, columns) : values;
  return {
    suffix: suffixOf(dataType, site),
    ...{ dims, dataType },
    ...(laid && { bytes: fromFloat32(dataType, laid, true) }),
  };
}

const SUFFIX: Readonly<Record<number, string>> = {
  [DataType.float32]: '_fp32',
  [DataType.float16]: '_fp16',
  [DataType.bfloat16]: '_bf16',
};

function suffixOf(dataType: number, site: Site): string {
  if (dataType === site.dataType) return '_dense';
  return SUFFIX[dataType] ?? `_${dataTypeName(dataType) ?? dataType}`;
}
