import { useState } from 'react';
import { grouped, signed } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import type { BothAnswers } from './answers.ts';
import {
  confusedPairs,
  confusionDifference,
  confusionOf,
  MOST_CLASSES,
  type Confusion,
  type ConfusionOf,
} from './confusion.ts';
import type { Sides } from './sides.ts';
import styles from './confusion.module.css';

interface ConfusionViewProps {
  readonly answers: BothAnswers;
  readonly sides: Sides;
  readonly labels: readonly string[] | undefined;
}

const OF: readonly ConfusionOf[] = ['right', 'left', 'difference'];

/** What is taken for what, by either side, and how that changed. */
export function ConfusionView({ answers, sides, labels }: ConfusionViewProps) {
  const [of, setOf] = useState<ConfusionOf>('right');
  const classes = labels?.length ?? classesIn(answers);
  const [left, right] = (['left', 'right'] as const).map((side) =>
    confusionOf(answers, side, classes),
  );
  if (left === undefined || right === undefined) return <p>{tryIt.answers.noExpected}</p>;
  const names = Array.from({ length: classes }, (_, at) => labels?.[at] ?? String(at));
  if (classes > MOST_CLASSES) return <Pairs {...{ left, right, names, sides }} />;
  const label = {
    left: sides.left.name,
    right: sides.right.name,
    difference: tryIt.answers.difference,
  };
  const counts = { left, right, difference: confusionDifference(left, right) }[of];
  const title =
    of === 'difference'
      ? tryIt.answers.matrixDifference(sides.left.name, sides.right.name)
      : tryIt.answers.matrix(label[of]);
  return (
    <div className={styles.view}>
      <Segmented
        label={tryIt.answers.confusion}
        value={of}
        options={OF.map((value) => ({ value, label: label[value] }))}
        onChange={setOf}
      />
      <p className={styles.help}>{tryIt.answers.matrixHelp}</p>
      <Matrix title={title} names={names} counts={counts} difference={of === 'difference'} />
    </div>
  );
}

function classesIn({ left, right, expected = [] }: BothAnswers): number {
  return [...left, ...right, ...expected].reduce((most, value) => Math.max(most, value + 1), 0);
}

interface MatrixProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly counts: Confusion;
  readonly difference: boolean;
}

function Matrix({ title, names, counts, difference }: MatrixProps) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={title}>
      <table className={styles.matrix}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{tryIt.answers.trueClass}</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, expected) => (
            <tr key={names[expected]}>
              <th scope="row">{names[expected]}</th>
              {row.map((count, answered) => (
                <Cell
                  key={names[answered]}
                  count={count}
                  share={share(counts, count, expected, answered)}
                  right={expected === answered}
                  difference={difference}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of the largest number of its kind: mistakes are few beside what is right, and would all be white. */
function share(counts: Confusion, count: number, expected: number, answered: number): number {
  const alike = counts.flatMap((row, r) =>
    row.filter((_, c) => (r === c) === (expected === answered)),
  );
  const most = Math.max(...alike.map(Math.abs));
  return most === 0 ? 0 : Math.abs(count) / most;
}

interface CellProps {
  readonly count: number;
  readonly share: number;
  readonly right: boolean;
  readonly difference: boolean;
}

/** Good is the accent's colour, bad the other; the number and its sign say the same. */
function Cell({ count, share: shade, right, difference }: CellProps) {
  const good = difference ? count > 0 === right : right;
  return (
    <td
      data-right={right || undefined}
      data-good={count === 0 ? undefined : good}
      style={{ '--shade': `${Math.round(shade * 100)}%` } as React.CSSProperties}
    >
      {count === 0 ? '·' : difference ? signed(count, text(count)) : text(count)}
    </td>
  );
}

function text(count: number): string {
  return count < 0 ? `−${grouped(-count)}` : grouped(count);
}

const SHOWN_PAIRS = 30;

interface PairsProps {
  readonly left: Confusion;
  readonly right: Confusion;
  readonly names: readonly string[];
  readonly sides: Sides;
}

function Pairs({ left, right, names, sides }: PairsProps) {
  return (
    <table className={styles.pairs}>
      <caption>{tryIt.answers.pairs}</caption>
      <thead>
        <tr>
          <th scope="col">{tryIt.answers.trueClass}</th>
          <th scope="col">{sides.left.name}</th>
          <th scope="col">{sides.right.name}</th>
          <th scope="col">{tryIt.answers.difference}</th>
        </tr>
      </thead>
      <tbody>
        {confusedPairs(left, right, SHOWN_PAIRS).map((pair) => (
          <tr key={`${pair.expected} ${pair.answered}`}>
            <th scope="row">{tryIt.answers.pair(names[pair.expected], names[pair.answered])}</th>
            <td>{grouped(pair.left)}</td>
            <td>{grouped(pair.right)}</td>
            <td>{signed(pair.right - pair.left, text(pair.right - pair.left))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
