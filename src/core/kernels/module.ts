/** Sections of a WebAssembly module that are touched here (core specification 5.5). */
const SECTION = { imports: 2, data: 11, dataCount: 12 } as const;
const HEADER = 8;

/** Limits of a memory: with a maximum, alone or shared between threads. */
const SHARED = 3;

interface Section {
  readonly id: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/**
 * The same module for a memory that threads share. `withData: false` leaves the constants out, which a thread that
 * joins must not write once more while others compute. WHY not a second compiled module: one byte differs.
 */
export function sharedModule(
  bytes: Uint8Array<ArrayBuffer>,
  withData: boolean,
): Uint8Array<ArrayBuffer> {
  const kept = [bytes.slice(0, HEADER)];
  for (const section of sectionsOf(bytes)) {
    const isData = section.id === SECTION.data || section.id === SECTION.dataCount;
    if (isData && !withData) continue;
    const part = bytes.slice(section.start, section.end);
    // The one import is the memory, last in its section: kind 2, limits flag, least (1 byte), most (3 bytes).
    if (section.id === SECTION.imports) part[part.length - 5] = SHARED;
    kept.push(part);
  }
  return joined(kept);
}

function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  for (let start = HEADER; start < bytes.length;) {
    let content = start + 1;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[content++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    yield { id: bytes[start], start, content, end: content + size };
    start = content + size;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
