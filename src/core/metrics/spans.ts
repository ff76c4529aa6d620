import { ratioOfSums, type Estimate } from './estimate.ts';

/** A run of positions [from, to) with one type: an entity of a text. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly type: string;
}

interface Tag {
  /** How the position stands in its span; undefined outside of all. */
  readonly place?: 'begin' | 'inside' | 'end' | 'single';
  readonly type: string;
}

const PLACES = {
  B: 'begin',
  I: 'inside',
  M: 'inside',
  E: 'end',
  L: 'end',
  S: 'single',
  U: 'single',
} as const;

const TAG = /^([BIMELSU])[-_](.+)$/;
const OUTSIDE = /^(O|OUT|OUTSIDE|NONE)$/i;

/** Whether names of classes say where spans begin and end: "B-PER", "I-PER", "O". */
export function tagsSpans(classes: readonly string[]): boolean {
  return classes.some((name) => TAG.test(name)) && classes.some((name) => OUTSIDE.test(name));
}

function tagOf(name: string): Tag {
  const found = TAG.exec(name);
  if (found === null) return { type: '' };
  return { place: PLACES[found[1] as keyof typeof PLACES], type: found[2] };
}

/** Whether a span begins at a tag, given the one before it (conlleval's rules, which forgive a missing B). */
function begins(before: Tag, tag: Tag): boolean {
  if (tag.place === undefined) return false;
  if (tag.place === 'begin' || tag.place === 'single') return true;
  const closed = before.place === undefined || before.place === 'end' || before.place === 'single';
  return closed || before.type !== tag.type;
}

/**
 * The spans of a sequence of tags in BIO, IOB, BIOES or BILOU: consecutive positions of one type, a new
 * one wherever a tag begins one or the type changes. The rules are those of the CoNLL-2000 shared task's
 * `conlleval`, seqeval's default mode.
 */
export function spansOf(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let open: { readonly from: number; readonly type: string } | undefined;
  let before: Tag = { type: '' };
  const close = (to: number): void => {
    if (open !== undefined) spans.push({ ...open, to });
    open = undefined;
  };
  tags.forEach((name, at) => {
    const tag = tagOf(name);
    const starts = begins(before, tag);
    if (starts || tag.place === undefined) close(at);
    if (starts) open = { from: at, type: tag.type };
    before = tag;
  });
  close(tags.length);
  return spans;
}

/** How many spans two taggings of one example have, and how many in common. */
export interface SpanCounts {
  readonly wanted: number;
  readonly found: number;
  readonly shared: number;
}

/** Spans are in common where they begin and end at the same positions and have the same type. */
export function countSpans(wanted: readonly string[], found: readonly string[]): SpanCounts {
  const keyOf = ({ from, to, type }: Span) => `${from} ${to} ${type}`;
  const [a, b] = [spansOf(wanted), spansOf(found)];
  const known = new Set(a.map(keyOf));
  const shared = b.filter((span) => known.has(keyOf(span))).length;
  return { wanted: a.length, found: b.length, shared };
}

/**
 * F₁ = 2·Σ shared / Σ (wanted + found) over examples (micro-averaged), with examples as clusters; n
 * counts the wanted spans. Undefined where neither side has a span.
 */
export function spanF1(examples: readonly SpanCounts[]): Estimate | undefined {
  const all = examples.map(({ wanted, found }) => wanted + found);
  if (all.every((count) => count === 0)) return undefined;
  const wanted = examples.reduce((sum, example) => sum + example.wanted, 0);
  return ratioOfSums(
    examples.map(({ shared }) => 2 * shared),
    all,
    wanted,
  );
}
