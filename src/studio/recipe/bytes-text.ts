const UNITS: readonly (readonly [string, number])[] = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
];

/** Bytes as people write them, none lost: 3 MB, 2651.476 kB, 999 B. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of UNITS) {
    // Three places are what a unit has of the next smaller one.
    if (bytes >= size && Number.isInteger(bytes / (size / 1000))) return `${bytes / size} ${unit}`;
  }
  return `${bytes} B`;
}

const WRITTEN = /^\s*([\d\s\u202f,']*\.?\d+)\s*(b|kb|mb|gb|kib|mib|gib|k|m|g)?\s*$/i;

const SIZES: Readonly<Record<string, number>> = {
  ...{ b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 },
};

/** "3 MB", "250kB", "2.5 MiB", "3 000 000": whole bytes; undefined where it says no size. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = 'b'] = WRITTEN.exec(text) ?? [];
  if (digits === undefined) return undefined;
  // 1.001 kB is 1001 bytes, whatever binary fractions make of it.
  const bytes = Math.round(Number(digits.replace(/[\s\u202f,']/g, '')) * SIZES[unit.toLowerCase()]);
  return bytes >= 1 ? bytes : undefined;
}
