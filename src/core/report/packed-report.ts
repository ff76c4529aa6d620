import { z } from 'zod';
import type { Fields } from './shared-fields.ts';
import type { Report } from './types.ts';

const fields = z.record(z.string(), z.unknown());

/** A report as fields that say little twice: layers as lines, digits as text. */
export function packedReport(report: Report): Fields {
  const plain = JSON.parse(JSON.stringify(report)) as Fields & { readonly layers: Fields[] };
  const evaluation = plain['evaluation'] as Fields | undefined;
  return {
    ...plain,
    ...linesOf(plain.layers),
    ...(evaluation && { evaluation: mapLists(evaluation, digitsText) }),
  };
}

/** What {@link packedReport} was made from, for a schema to check. */
export function unpackedReport({ methods, lines, ...report }: Fields): Fields {
  const evaluation = report['evaluation'] as Fields | undefined;
  return {
    ...report,
    layers: layersOf(methods, lines),
    ...(evaluation && { evaluation: mapLists(evaluation, digitsOf) }),
  };
}

/** [index into methods, everything else of the layer]: most layers share their method and its options. */
function linesOf(layers: readonly Fields[]): Fields {
  const methods = [
    ...new Set(layers.map(({ method, options }) => JSON.stringify({ method, options }))),
  ];
  const lines = layers.map(({ method, options, ...rest }) => [
    methods.indexOf(JSON.stringify({ method, options })),
    ...COLUMNS.map((column) => rest[column] ?? null),
  ]);
  return { layers: undefined, methods: methods.map((text) => JSON.parse(text) as unknown), lines };
}

const COLUMNS = [
  'name',
  'relativeError',
  'baselineRelativeError',
  'errorKind',
  'bytesBefore',
  'bytesAfter',
  'warnings',
] as const;

const methodsSchema = z.array(fields);
const linesSchema = z.array(z.tuple([z.int().min(0)], z.unknown()));

function layersOf(methods: unknown, lines: unknown): Fields[] {
  const known = methodsSchema.safeParse(methods);
  const packed = linesSchema.safeParse(lines);
  if (!known.success || !packed.success) return [];
  return packed.data.map(([method, ...values]) => ({
    ...known.data[method],
    ...Object.fromEntries(
      COLUMNS.flatMap((column, at) => (values[at] === null ? [] : [[column, values[at]]])),
    ),
  }));
}

/** `each` and `answers` of an evaluation with `map` done to the lists in them. */
function mapLists(evaluation: Fields, map: (value: unknown) => unknown): Fields {
  const mapped: Record<string, unknown> = { ...evaluation };
  for (const key of ['each', 'answers']) {
    const held = evaluation[key] as Fields | undefined;
    if (held === undefined) continue;
    mapped[key] = Object.fromEntries(Object.entries(held).map(([k, v]) => [k, map(v)]));
  }
  return mapped;
}

function digitsText(value: unknown): unknown {
  const isDigit = (entry: unknown): boolean =>
    Number.isInteger(entry) && Number(entry) >= 0 && Number(entry) <= 9;
  return Array.isArray(value) && value.every(isDigit) ? (value as number[]).join('') : value;
}

function digitsOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d*$/.test(value) ? Array.from(value, Number) : value;
}
