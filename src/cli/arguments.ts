import { parseArgs, type ParseArgsConfig } from 'node:util';
import { LatheError } from '../core/errors/lathe-error.ts';

/** Wrong words on the command line: exit status 2. */
export class UsageError extends LatheError {
  constructor(sentence: string) {
    super('usage', sentence);
  }
}

export interface CommandArguments {
  readonly model: string;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

type OptionKinds = Readonly<Record<string, 'string' | 'boolean'>>;

function toConfig(kinds: OptionKinds): ParseArgsConfig['options'] {
  return Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]));
}

function parse(
  command: string,
  argv: readonly string[],
  kinds: OptionKinds,
): {
  values: Record<string, unknown>;
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...argv], options: toConfig(kinds), allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`lathe ${command}: ${reason}. See "lathe --help".`);
  }
}

/**
 * Parses `MODEL` and the named options of one command, refusing whatever it does not know. Of a list among
 * the `required`, one name is enough.
 */
export function commandArguments(
  command: string,
  argv: readonly string[],
  kinds: OptionKinds,
  required: readonly (string | readonly string[])[],
  takesModel = true,
): CommandArguments {
  const { values, positionals } = parse(command, argv, kinds);
  const expected = takesModel ? 1 : 0;
  if (positionals.length !== expected) {
    throw new UsageError(
      takesModel
        ? `lathe ${command} takes one MODEL (an .onnx file, a model folder or sample:NAME), but ${positionals.length} were given. See "lathe --help".`
        : `lathe ${command} takes no MODEL, but "${positionals.join(' ')}" was given. See "lathe --help".`,
    );
  }
  const missing = required
    .map((names) => [names].flat())
    .filter((names) => names.every((name) => values[name] === undefined))
    .map((names) => names.map((name) => `--${name}`).join(' or '));
  if (missing.length > 0) {
    throw new UsageError(`lathe ${command} needs ${missing.join(' and ')}. See "lathe --help".`);
  }
  return {
    model: positionals[0] ?? '',
    options: values as Record<string, string | boolean | undefined>,
  };
}

/** A text option, or undefined when it was not given. */
export function text(args: CommandArguments, name: string): string | undefined {
  const value = args.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A required text option (its presence was checked by {@link commandArguments}). */
export function requiredText(args: CommandArguments, name: string): string {
  const value = text(args, name);
  if (value === undefined) throw new UsageError(`--${name} is missing.`);
  return value;
}

/** A whole number ≥ 0. */
export function wholeNumber(args: CommandArguments, name: string): number | undefined {
  const value = text(args, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new UsageError(`--${name} is "${value}", but it must be a whole number from 0 up.`);
  }
  return number;
}

/** One of a few words. */
export function choice<T extends string>(
  args: CommandArguments,
  name: string,
  words: readonly T[],
): T | undefined {
  const value = text(args, name);
  const word = words.find((w) => w === value);
  if (value !== undefined && word === undefined) {
    throw new UsageError(`--${name} is "${value}", but it must be one of ${words.join(', ')}.`);
  }
  return word;
}
