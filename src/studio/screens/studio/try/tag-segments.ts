import { spansOf } from '../../../../core/metrics/spans.ts';
import type { Tagging } from '../../../../../workers/protocol.ts';

/** A stretch of a text under one label; without label outside of all. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly label?: string;
  /** Least probability of its tokens' classes. */
  readonly probability: number;
}

export type TagSide = 'left' | 'right';

/** A text cut where labels begin and end: whole spans where labels tell them, else runs of one label. */
export function segmentsOf({ tokens, spans }: Tagging, side: TagSide): Segment[] {
  const labels = tokens.map((token) => token[side].label);
  const labelled = spans ? spansOf(labels) : runsOf(labels);
  const segment = (from: number, to: number, label?: string): Segment => {
    const own = tokens.slice(from, to);
    return {
      ...{ from, to },
      text: own.map(({ text }) => text).join(''),
      ...(label !== undefined && { label }),
      probability: Math.min(...own.map((token) => token[side].probability)),
    };
  };
  const segments: Segment[] = [];
  let at = 0;
  for (const { from, to, type } of labelled) {
    if (from > at) segments.push(segment(at, from));
    segments.push(segment(from, to, type));
    at = to;
  }
  return at < tokens.length ? [...segments, segment(at, tokens.length)] : segments;
}

function runsOf(labels: readonly string[]): { from: number; to: number; type: string }[] {
  const runs: { from: number; to: number; type: string }[] = [];
  labels.forEach((type, at) => {
    const last = runs.at(-1);
    if (last?.type === type) last.to = at + 1;
    else runs.push({ from: at, to: at + 1, type });
  });
  return runs;
}

const keyOf = ({ from, to, label }: Segment): string => `${from} ${to} ${label}`;

/** Labelled stretches of each side, and how many are the same in both: begin, end and label. */
export function sharedSegments(tagging: Tagging) {
  const [left, right] = (['left', 'right'] as const).map((side) =>
    segmentsOf(tagging, side).filter(({ label }) => label !== undefined),
  );
  const known = new Set(left.map(keyOf));
  const shared = right.filter((segment) => known.has(keyOf(segment)));
  return { left: left.length, right: right.length, shared: new Set(shared.map(keyOf)) };
}

export function isShared(segment: Segment, shared: ReadonlySet<string>): boolean {
  return shared.has(keyOf(segment));
}
