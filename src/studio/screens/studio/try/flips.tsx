import { useState } from 'react';
import { grouped } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { CHANGES, flipsOf, type BothAnswers, type Change, type Place } from './answers.ts';
import { CaseList } from './case-list.tsx';
import { Legend } from './legend.tsx';
import type { Sides } from './sides.ts';
import styles from './answers.module.css';

const FILTERS = ['flips', ...CHANGES, 'all'] as const;
type Filter = (typeof FILTERS)[number];

interface FlipsProps {
  readonly answers: BothAnswers;
  readonly sides: Sides;
  readonly labels: readonly string[] | undefined;
}

/** Every answer of the evaluation that changed, the lost ones first, and all others behind a filter. */
export function Flips({ answers, sides, labels }: FlipsProps) {
  const flips = flipsOf(answers);
  const changed = CHANGES.flatMap((change) => flips[change]);
  const [filter, setFilter] = useState<Filter>(changed.length > 0 ? 'flips' : 'all');
  const places = placesOf(filter, answers, flips, changed);
  const counts = { ...lengths(flips), flips: changed.length, all: answers.left.length };
  const offered = FILTERS.filter((name) => counts[name] > 0 && name !== 'changed');
  return (
    <>
      <Verdict answers={answers} flips={flips} changed={changed.length} />
      <div className={styles.bar}>
        {offered.length > 1 && (
          <Segmented
            label={tryIt.answers.filter}
            value={filter}
            options={offered.map((value) => ({
              value,
              label: `${tryIt.answers.filters[value]} ${grouped(counts[value])}`,
            }))}
            onChange={setFilter}
          />
        )}
        <Legend left={sides.left.name} right={sides.right.name} />
      </div>
      <CaseList key={filter} places={places} sides={sides} labels={labels} />
    </>
  );
}

type ByChange = Readonly<Record<Change, number[]>>;

function lengths(flips: ByChange): Record<Change, number> {
  return {
    lost: flips.lost.length,
    won: flips.won.length,
    other: flips.other.length,
    changed: flips.changed.length,
  };
}

function placesOf(
  filter: Filter,
  { left, right, expected }: BothAnswers,
  flips: ByChange,
  changed: readonly number[],
): Place[] {
  const indices =
    filter === 'all' ? left.map((_, at) => at) : filter === 'flips' ? changed : flips[filter];
  return indices.map((index) => ({
    index,
    left: left[index],
    right: right[index],
    expected: expected?.[index],
  }));
}

interface VerdictProps {
  readonly answers: BothAnswers;
  readonly flips: ByChange;
  readonly changed: number;
}

function Verdict({ answers, flips, changed }: VerdictProps) {
  const { lost, won, other } = flips;
  const total = grouped(answers.left.length);
  return (
    <p className={styles.verdict}>
      <strong>
        {changed === 0 ? tryIt.answers.none(total) : tryIt.answers.changed(grouped(changed), total)}
        {changed > 0 &&
          answers.expected &&
          tryIt.answers.parts(grouped(lost.length), grouped(won.length), other.length)}
      </strong>
      {answers.of !== undefined && <small>{tryIt.answers.stopped(grouped(answers.of))}</small>}
    </p>
  );
}
