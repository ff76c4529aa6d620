const STEPS = 'it is constant between its jumps, so its derivative is zero wherever it exists';
const POSITIONS = 'it gives positions or truth values, which have no derivative';

/** Operators at which gradients end, with the reason. */
export const cutReasons: ReadonlyMap<string, string> = new Map([
  ...['Floor', 'Ceil', 'Round', 'Sign'].map((name): [string, string] => [name, STEPS]),
  ...['ArgMax', 'ArgMin', 'Shape', 'Size', 'NonZero', 'OneHot'].map((name): [string, string] => [
    name,
    POSITIONS,
  ]),
]);
