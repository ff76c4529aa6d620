import { ARITHMETICS, type Arithmetic, type Kernels } from './kernels.ts';

const WORDS: Readonly<Record<Arithmetic, string>> = {
  integer: 'as integers',
  dequantized: 'dequantized in every run',
  unpacked: 'unpacked to floating point at load',
  float: 'in floating point',
};

/** How layers were computed, in one line; undefined where all are floating point, which needs no saying. */
export function kernelsLine({ from, layers, operators }: Kernels): string | undefined {
  const kinds = ARITHMETICS.filter((kind) => layers[kind] !== undefined);
  const total = kinds.reduce((sum, kind) => sum + (layers[kind] ?? 0), 0);
  const [first, ...others] = kinds;
  if (first === undefined || first === 'float') return undefined;
  const rest = others.map((kind) => `, ${layers[kind]} ${WORDS[kind]}`).join('');
  const counts = Object.entries(operators).map(([name, count]) => `${name} ${count}`);
  const says = from === 'session' ? '' : ', as the file asks for it';
  return `${layers[first]} of ${total} layers ${WORDS[first]}${rest} (${counts.join(', ')})${says}`;
}
