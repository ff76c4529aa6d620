/** A weight with four significant digits and the minus of typography: 0.01234, −1.2e−7. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e5 ? value.toExponential(3) : value.toPrecision(4);
  return text.replace('e+', 'e').replaceAll('-', '−');
}

/** Differences: + before what grew. */
export function changeText(value: number): string {
  return value > 0 ? `+${numberText(value)}` : numberText(value);
}
