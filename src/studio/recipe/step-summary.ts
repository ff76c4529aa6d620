import type { OptionField } from '../../core/methods/options-form.ts';
import type { Target, TargetBase } from '../../core/recipe/types.ts';
import { facts } from '../strings/en-recipe.ts';
import { inEffect, optionValue, type MethodCard, type OptionValue } from './method-card.ts';

/** More would not fit in the line of a closed card. */
const MAIN_FACTS = 2;

/**
 * A step in one line: the parts it takes out by name, else its first settings that are numbers or choices, whatever else is not as usual, and what it
 * works on when that is not everything. Empty when all is as usual.
 */
export function stepSummary(
  card: Pick<MethodCard, 'fields' | 'cuts'>,
  step: { readonly options: Readonly<Record<string, unknown>>; readonly target: Target },
): string {
  const named = card.cuts?.named(step.options);
  if (named !== undefined) {
    return [facts.without(named), targetFact(step.target)].filter(Boolean).join(' · ');
  }
  const fields = card.fields.filter((field) => inEffect(step.options, field, card.fields));
  const main = fields.filter(isMain).slice(0, MAIN_FACTS);
  const said = fields.filter((field) => main.includes(field) || isUnusual(step.options, field));
  const words = said.map((field) => optionFact(field, optionValue(step.options, field)));
  return [...words, targetFact(step.target)].filter(Boolean).join(' · ');
}

function isMain({ advanced, kind }: OptionField): boolean {
  return !advanced && kind !== 'boolean' && kind !== 'text';
}

function isUnusual(options: Readonly<Record<string, unknown>>, field: OptionField): boolean {
  const value = optionValue(options, field);
  return value !== '' && field.default !== undefined && value !== field.default;
}

/** "4 bits", "block 32", "not symmetric". */
export function optionFact({ title, unit }: OptionField, value: OptionValue): string {
  // "Block size 32" is no clearer than "block 32".
  const name = lowered(title).replace(/ size$/, '');
  if (typeof value === 'boolean') return value ? name : facts.not(name);
  if (value === '') return '';
  if (unit !== undefined && name === unit && typeof value === 'number') {
    return `${value} ${unit}`;
  }
  return `${name} ${value}${unit !== undefined && typeof value === 'number' ? ` ${unit}` : ''}`;
}

/** Titles begin with a capital; within a line only names such as "LoRA" keep theirs. */
export function lowered(title: string): string {
  return /^[A-Z](?=[a-z]|\s|$)/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
}

/** What a target is in a few words; nothing when it is all layers. */
export function targetFact(target: Target): string {
  if (typeof target === 'string') return target === 'all' ? '' : facts.targets[target];
  const except = ('except' in target ? target.except : undefined) ?? [];
  const base = baseFact(target);
  if (except.length === 0) return base;
  const left = exceptFact(except);
  return base === '' ? facts.allBut(left) : facts.but(base, left);
}

function baseFact(base: TargetBase): string {
  if (typeof base === 'string') return base === 'all' ? '' : facts.targets[base];
  const { role, blocks, tensors } = base;
  const parts = [
    role === undefined ? '' : facts.targets[role],
    blocks === undefined ? '' : facts.blocks(blocks),
    tensors === undefined ? '' : facts.layers(tensors.length),
  ];
  return parts.filter(Boolean).join(', ');
}

function exceptFact(except: readonly TargetBase[]): string {
  return except.map((base) => baseFact(base) || facts.targets.all).join(', ');
}
