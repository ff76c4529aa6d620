import { z } from 'zod';
import type { MethodMeta } from './contract.ts';

/** One option of a method as a form field: made from the schema, understood by the page and the docs. */
export interface OptionField {
  readonly name: string;
  readonly kind: 'number' | 'integer' | 'choice' | 'boolean' | 'text';
  readonly title: string;
  readonly help: string;
  readonly default?: number | string | boolean;
  /** A control of its own beside or instead of the one of its kind; a form without it draws the kind's. */
  readonly control?: 'blocks' | 'heads' | 'layers' | 'budget' | 'positions';
  /** Hidden until asked for. */
  readonly advanced: boolean;
  readonly unit?: string;
  /** Range and step of numbers. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly step?: number;
  /** Values of a choice, in the order they are offered. */
  readonly choices?: readonly (number | string)[];
  /** A choice that also takes other values of this form, for example "N:M". */
  readonly also?: string;
  /** The field has no effect unless the named option has one of these values. */
  readonly when?: { readonly option: string; readonly in: readonly (number | string | boolean)[] };
}

const scalar = z.union([z.number(), z.string(), z.boolean()]);

const fieldSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.union([z.number(), z.string()])).optional(),
  anyOf: z
    .array(z.object({ enum: z.array(z.union([z.number(), z.string()])).optional() }))
    .optional(),
  title: z.string(),
  description: z.string(),
  default: scalar.optional(),
  // In force where nothing is said, and left out by parsing: recipes from before the option stay what they were.
  usual: scalar.optional(),
  advanced: z.boolean().optional(),
  unit: z.string().optional(),
  control: z.enum(['blocks', 'heads', 'layers', 'budget', 'positions']).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  multipleOf: z.number().optional(),
  step: z.number().optional(),
  also: z.string().optional(),
  when: z.object({ option: z.string(), in: z.array(scalar) }).optional(),
});

/**
 * A serialisable description of a method's options, from its zod schema. Forms, `lathe methods --json`
 * and `docs/methods/` are made from it. Throws when a field lacks a title or a description.
 */
export function optionsForm(meta: Pick<MethodMeta, 'options'>): readonly OptionField[] {
  const schema = z.toJSONSchema(meta.options, { io: 'input' });
  const fields = Object.entries(schema.properties ?? {}).filter(([, raw]) => !isDecided(raw));
  return fields.map(([name, raw]) => {
    const parsed = fieldSchema.parse(raw);
    const { type, enum: own, anyOf, description, multipleOf, usual, ...field } = parsed;
    const choices = own ?? anyOf?.flatMap((part) => part.enum ?? []);
    const step = field.step ?? multipleOf ?? (type === 'integer' ? 1 : undefined);
    return {
      ...(usual !== undefined && { default: usual }),
      ...field,
      name,
      kind: kindOf(type, choices),
      help: description,
      advanced: field.advanced ?? false,
      ...(choices && { choices }),
      ...(step !== undefined && { step }),
    };
  });
}

/** An option that a run decides and writes into the recipe: nothing a person fills in. */
export interface DecidedOption {
  readonly name: string;
  readonly title: string;
  readonly help: string;
}

/** The options that `decide` writes, as {@link optionsForm} gives the others. */
export function decidedOptions(meta: Pick<MethodMeta, 'options'>): readonly DecidedOption[] {
  const schema = z.toJSONSchema(meta.options, { io: 'input' });
  return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const field = decidedSchema.safeParse(raw).data;
    return field === undefined ? [] : [{ name, title: field.title, help: field.description }];
  });
}

const decidedSchema = z.object({
  decided: z.literal(true),
  title: z.string(),
  description: z.string(),
});

function isDecided(raw: unknown): boolean {
  return decidedSchema.safeParse(raw).success;
}

function kindOf(type: string | undefined, choices: unknown): OptionField['kind'] {
  if (choices !== undefined) return 'choice';
  if (type === 'boolean' || type === 'integer') return type;
  if (type === 'string') return 'text';
  return 'number';
}
