import { allMetas } from '../core/methods/catalog.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { text, UsageError, type CommandArguments } from './arguments.ts';

/** What a file is to come to, in place of how it is made. */
export const AIM_OPTIONS = { fit: 'string', loss: 'string' } as const;

/** `--fit`: bytes, or a share of what the file takes before; or `--loss`, a share. */
export type Aim =
  | { readonly aim: 'size'; readonly bytes: number }
  | { readonly aim: 'size'; readonly share: number }
  | { readonly aim: 'loss'; readonly loss: number };

const UNITS: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 },
};

/** What the command line asks for; undefined where it is a recipe alone. Throws `usage`. */
export function chosenAim(args: CommandArguments): Aim | undefined {
  const [fit, loss] = [text(args, 'fit'), text(args, 'loss')];
  if (fit !== undefined && loss !== undefined)
    throw new UsageError(
      '--fit says how large the file may be and --loss how much it may lose; give one of them.',
    );
  if (fit !== undefined) return sizeIn(fit);
  return loss === undefined ? undefined : lossIn(loss);
}

function sizeIn(words: string): Aim {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+|%)$/i.exec(words.trim()) ?? [];
  const value = Number(number);
  if (value > 0 && unit === '%') return { aim: 'size', share: value / 100 };
  const factor = UNITS[unit.toLowerCase()];
  if (value > 0 && factor !== undefined) return { aim: 'size', bytes: Math.floor(value * factor) };
  throw new UsageError(
    `--fit is "${words}", but it must be a size such as 60MB, 800kB or 123456B, or a share of the file such as 25%.`,
  );
}

function lossIn(words: string): Aim {
  const [, number = ''] = /^(\d+(?:\.\d+)?)\s*%$/.exec(words.trim()) ?? [];
  if (Number(number) > 0) return { aim: 'loss', loss: Number(number) / 100 };
  throw new UsageError(`--loss is "${words}", but it must be a share such as 1%.`);
}

/** The recipe, if any, with a step behind its own that makes the file what is asked for. */
export function aimedRecipe(base: Recipe | undefined, aim: Aim, bytesBefore: number): Recipe {
  const given =
    aim.aim === 'loss'
      ? { loss: aim.loss }
      : { bytes: 'bytes' in aim ? aim.bytes : Math.floor(aim.share * bytesBefore) };
  const step = allMetas().flatMap(({ id, aims }) =>
    aims === undefined ? [] : [{ method: id, options: aims.toward(given) }],
  )[0];
  const { name, ...rest } = base ?? { version: 1, steps: [] };
  const aimed = { ...rest, steps: [...rest.steps, step] };
  return parseRecipe(name === undefined ? aimed : { ...aimed, name: `${name}, aimed` });
}
