import { problems } from '../problems.ts';
import type { ByteSource } from '../types.ts';
import { MAX_DEPTH, WIRE } from './input.ts';
import { Region } from './region.ts';
import { Window } from './window.ts';

/** Payloads at least this long are left where they are; shorter ones are cheaper to load than to skip. */
const SKIP_FROM = 16 * 1024;

type Kind = 'model' | 'graph' | 'node' | 'attribute' | 'tensor';

/** Where large payloads can lie: message field → message, or 'payload' for tensor contents. */
const INSIDE: Record<Kind, Readonly<Record<number, Kind | 'payload'>>> = {
  model: { 7: 'graph' },
  graph: { 1: 'node', 5: 'tensor' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  tensor: { 4: 'payload', 5: 'payload', 7: 'payload', 9: 'payload', 10: 'payload', 11: 'payload' },
};

/** Loads everything of a model but its large tensor payloads, in one pass over the source. */
export async function scanModel(source: ByteSource, skipFrom = SKIP_FROM): Promise<Region> {
  const window = new Window(source);
  await scanMessage({ window, skipFrom }, 'model', source.byteLength, 0);
  return new Region(source, window.finish());
}

interface Scan {
  readonly window: Window;
  readonly skipFrom: number;
}

async function scanMessage(scan: Scan, kind: Kind, end: number, depth: number): Promise<void> {
  const { window } = scan;
  if (depth > MAX_DEPTH) throw problems.tooDeep(MAX_DEPTH);
  while (window.position < end) {
    if (!window.holds(20, end)) await window.load(20, end);
    const tag = window.unsigned(end);
    const wire = tag % 8;
    if (wire !== WIRE.bytes) {
      await skipScalar(window, wire, end);
      continue;
    }
    const at = window.position;
    const length = window.unsigned(end);
    if (length > end - window.position) throw problems.truncated(at);
    await scanPayload(scan, INSIDE[kind][(tag - wire) / 8], length, depth);
  }
}

async function scanPayload(
  scan: Scan,
  kind: Kind | 'payload' | undefined,
  length: number,
  depth: number,
): Promise<void> {
  const { window, skipFrom } = scan;
  const end = window.position + length;
  if (kind === undefined || length < skipFrom) await window.pass(length);
  else if (kind === 'payload') window.leaveOut(length);
  else await scanMessage(scan, kind, end, depth + 1);
}

async function skipScalar(window: Window, wire: number, end: number): Promise<void> {
  if (wire === WIRE.varint) window.unsigned(end);
  else if (wire === WIRE.fixed64 || wire === WIRE.fixed32) {
    const length = wire === WIRE.fixed64 ? 8 : 4;
    if (length > end - window.position) throw problems.truncated(window.position);
    await window.pass(length);
  } else throw problems.malformed(window.position, `wire type ${wire}`);
}
