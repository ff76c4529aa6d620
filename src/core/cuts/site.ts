import type { Dim } from '../onnx/shape/dimension.ts';
import type { Node } from '../onnx/types.ts';
import type { Labels } from './labels.ts';

/** The axis of a value that becomes shorter, and which members its indices belong to. */
export interface Mark {
  readonly axis: number;
  readonly labels: Labels;
}

/** What a rule sees of one node while a cut spreads, and what it may do. */
export interface Site {
  readonly node: Node;
  readonly opset: number;
  /** Only keys and values are cut, and queries stay as they are: an operator for grouped queries allows it. */
  readonly pooled: boolean;
  dims(value: string): readonly Dim[] | undefined;
  /** Small whole numbers that a value always has. */
  numbers(value: string | undefined): readonly number[] | undefined;
  mark(value: string): Mark | undefined;
  /** This axis of the value becomes shorter, too. */
  put(value: string, axis: number, labels: Labels): void;
  /** Only these indices of the axis are known yet; what nobody speaks for stays. */
  putSome(value: string, axis: number, indices: readonly number[], labels: Labels): void;
  /** The cut cannot be: `reason` is the end of the sentence 'the node … ' ("sums over …"). */
  refuse(reason: string): never;
}

/** What else of a node follows from the sizes after the cut. */
export interface Settings {
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** Elements that an input must have: sizes of a Reshape, parts of a Split. Undefined elements stay. */
  readonly inputs?: readonly Parameter[];
}

export interface Parameter {
  readonly slot: number;
  readonly elements: readonly Dim[];
  /** −1 stands for one size that is left over. */
  readonly open?: boolean;
  /** How much shorter the axis becomes, by/of of what it was: a computed 4·batch becomes 3·batch. */
  readonly scale?: { readonly by: number; readonly of: number };
  /** 1 is as good as any size: what is expanded has it already. */
  readonly ones?: boolean;
}

/** What is known when sizes are: how long axes are after the cut. */
export interface Sized {
  readonly site: Site;
  /** Indices that stay of labels; refuses where that depends on which members go. */
  readonly count: (labels: Labels) => number;
  /** The dimensions after the cut. */
  readonly after: (value: string) => readonly Dim[] | undefined;
}

/** How a family of operators carries a cut on. */
export interface CutRule {
  readonly spread: (site: Site) => void;
  readonly settings?: (sized: Sized) => Settings;
}

/** A value beside names for its axes; '' names none that could be cut. */
export interface Side {
  readonly value: string | undefined;
  readonly letters: readonly string[];
}

/**
 * Axes of the same letter are cut together, as in an Einsum. An axis of size 1 is stretched to any size and stays.
 * `forbidden`: letters that cannot be cut, with the reason.
 */
export function link(
  site: Site,
  sides: readonly Side[],
  forbidden: Readonly<Record<string, string>> = {},
): void {
  for (const { value, letters } of sides) {
    const mark = value ? site.mark(value) : undefined;
    if (mark === undefined) continue;
    const letter = letters[mark.axis] ?? '';
    if (letter === '') site.refuse('has a use of this axis that is not known');
    if (forbidden[letter] !== undefined) site.refuse(forbidden[letter]);
    for (const side of sides) putLetter(site, side, letter, mark.labels);
  }
}

function putLetter(site: Site, { value, letters }: Side, letter: string, labels: Labels): void {
  if (!value) return;
  const dims = site.dims(value);
  letters.forEach((own, axis) => {
    if (own === letter && dims?.[axis] !== 1) site.put(value, axis, labels);
  });
}

/** 'a0', 'a1' … for a value of known rank, counted from its last axis: 'a0' is the last. Refuses an unknown rank. */
export function fromRight(site: Site, value: string | undefined, prefix = 'a'): string[] {
  if (!value) return [];
  const rank = rankOf(site, value);
  return Array.from({ length: rank }, (_, axis) => `${prefix}${rank - 1 - axis}`);
}

export function rankOf(site: Site, value: string): number {
  return site.dims(value)?.length ?? site.refuse(`has a value "${value}" of unknown rank`);
}

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
