import type { LayerMethod, LayerWeight } from '../../src/core/methods/contract.ts';
import type { EncodedWeight } from '../../src/core/methods/encoding.ts';
import { decodeWeight } from '../../src/core/methods/decode.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { Preview, PreviewRequest, TensorPicture } from '../protocol.ts';
import { compare, heatGrid, pictureOf, rangeOf } from './pictures.ts';

interface Standing {
  readonly method: LayerMethod;
  readonly options: unknown;
  readonly note?: string;
}

/** What can be shown at once: a method that needs calibration is stood in for by its baseline. */
function standIn(id: string, options: Readonly<Record<string, unknown>>): Standing {
  const method = methodById(id);
  const { meta } = method;
  if (method.kind === 'graph') {
    throw new LatheError('preview-graph', `${meta.title} changes the graph, not single weights.`);
  }
  const layerMethod = method as LayerMethod;
  const parsed = meta.options.parse(options);
  if (layerMethod.needs(parsed) === undefined || meta.baseline === undefined) {
    return { method: layerMethod, options: parsed };
  }
  const baseline = methodById(meta.baseline);
  const names = Object.keys(baseline.meta.options.shape);
  const shared = Object.entries(options).filter(([name]) => names.includes(name));
  return {
    method: baseline as LayerMethod,
    options: baseline.meta.options.parse(Object.fromEntries(shared)),
    note: `${meta.title} looks at calibration data, so this shows ${baseline.meta.title} until you run it.`,
  };
}

/** Pictures of one layer before and after a method, with the errors that need no data. */
export async function previewLayer(
  weight: LayerWeight,
  request: PreviewRequest,
  before: (range: { minimum: number; maximum: number }) => TensorPicture,
): Promise<Omit<Preview, 'milliseconds'>> {
  const { layer, values } = weight;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const { method, options, note } = standIn(request.method, request.options);
  const { encoded } = await method.compress(weight, undefined, await prepared(), {
    random: seededRandom(0, 'preview'),
  });
  const decoded = decodeWeight(encoded, rows, columns);
  const range = rangeOf(values);
  const grid = heatGrid(rows, columns, request.cells);
  const { relativeError, zeros } = compare(values, decoded);
  const representable = gridOf(encoded);
  return {
    sequence: request.sequence,
    layer: layer.name,
    rows,
    columns,
    heatRows: grid.heatRows,
    heatColumns: grid.heatColumns,
    ...range,
    before: before(range),
    after: pictureOf(decoded, grid, range, request.bins),
    ...(representable && { grid: representable }),
    relativeError,
    sqnr: relativeError === 0 ? Infinity : -10 * Math.log10(relativeError),
    zeros,
    ...(note !== undefined && { note }),
  };

  async function prepared(): Promise<unknown> {
    if (method.prepare === undefined) return options;
    async function* only(): AsyncGenerator<LayerWeight> {
      yield weight;
    }
    return method.prepare(only, options, { random: seededRandom(0, 'preview') });
  }
}

/** The values that the first group of a uniform weight can take. */
function gridOf(encoded: EncodedWeight): Float32Array | undefined {
  if (encoded.kind !== 'uniform' || encoded.scales === undefined) return undefined;
  const { bits, scales, zeros } = encoded;
  const zero = zeros?.[0] ?? 2 ** (bits - 1);
  return Float32Array.from({ length: 2 ** bits }, (_, code) => scales[0] * (code - zero));
}
