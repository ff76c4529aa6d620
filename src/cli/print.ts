/** Results go to stdout, so that they can be piped; everything else goes to stderr. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Columns as wide as their longest cell; numbers (cells that begin with a digit) to the right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, c) => Math.max(...all.map((row) => (row[c] ?? '').length)));
  const isNumber = (text: string): boolean => /^[\d.−+-]/.test(text);
  for (const row of all) {
    const cells = row.map((cell, c) => {
      const last = c === row.length - 1;
      if (isNumber(cell)) return cell.padStart(widths[c]);
      return last ? cell : cell.padEnd(widths[c]);
    });
    printLine(cells.join('  '));
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** 1 242 465 → "1.24 MB". */
export function formatBytes(bytes: number): string {
  const power = Math.min(
    UNITS.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  );
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${UNITS[power]}`;
}

/** 3.5802 ± 0.0833. */
export function formatMetric(
  metric: { value: number; standardError: number | null } | undefined,
): string {
  if (metric === undefined) return '–';
  const { value, standardError } = metric;
  // One example or window says nothing about its error.
  const known = standardError !== null && Number.isFinite(standardError);
  return `${value.toPrecision(5)} ${known ? `± ${standardError.toPrecision(2)}` : '(n = 1)'}`;
}
