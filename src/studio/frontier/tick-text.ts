import { formatTick } from '../format/format.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Sizes as short as they can be told apart; ticks are round, so that few digits are all. */
export function sizeTicks(ticks: readonly number[]): string[] {
  return ticks.map((bytes) => {
    const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3 + 1e-9)));
    return `${plain(bytes / 1000 ** unit)} ${UNITS[unit]}`;
  });
}

/** All with as many places as the one that needs most: neighbours never read the same. */
export function evenTicks(
  ticks: readonly number[],
  write: (text: string, value: number) => string,
) {
  const places = placesOf(ticks);
  return ticks.map((value) =>
    write(isZero(value, ticks) ? '0' : formatTick(value, 10 ** -places), value),
  );
}

/** Round numbers, each with its own digits: 0.01, 0.3, 10. */
export function roundTicks(
  ticks: readonly number[],
  write: (text: string, value: number) => string,
) {
  return ticks.map((value) => write(plain(value), value));
}

function isZero(value: number, ticks: readonly number[]): boolean {
  return Math.abs(value) < Math.max(...ticks.map(Math.abs)) * 1e-9;
}

function placesOf(ticks: readonly number[]): number {
  const largest = Math.max(...ticks.map(Math.abs), 1e-9);
  const exact = (places: number): boolean =>
    ticks.every((tick) => Math.abs(tick - Number(tick.toFixed(places))) < largest * 1e-9);
  return [0, 1, 2, 3, 4, 5, 6, 7, 8].find(exact) ?? 9;
}

/** Nine digits, none of them for nothing. */
function plain(value: number): string {
  const text = String(Number(value.toPrecision(9)));
  return text.replace('-', '−').replace('e−', 'e-');
}
