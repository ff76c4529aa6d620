import type { ComparedRow } from '../../../compare/compare-rows.ts';
import { dumbbell } from '../../../compare/dumbbell.ts';
import { letterOf } from '../../../compare/letters.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import styles from './compare.module.css';

const WIDTH = 208;
const LANE = 16;
const RADIUS = 7;

/** The trials of one row on a line, each with its letter and its bar; the original as a dashed line. */
export function DumbbellPicture({ row }: { row: ComparedRow }) {
  const { marks, lanes, original } = dumbbell(row, WIDTH);
  if (marks.length < 2) return null;
  const height = LANE * (lanes + 1);
  const yOf = (lane: number): number => LANE * (lane + 1);
  const xs = marks.map(({ x }) => x);
  const said = marks.map(({ at }) => `${letterOf(at)} ${row.values[at]?.text ?? ''}`).join(', ');
  return (
    <svg
      className={styles.picture}
      width={WIDTH}
      height={height}
      role="img"
      aria-label={t.pictureOf(row.label, said)}
    >
      <line className={styles.rail} x1={0} x2={WIDTH} y1={height / 2} y2={height / 2} />
      {original !== undefined && (
        <line className={styles.origin} x1={original} x2={original} y1={2} y2={height - 2}>
          <title>{t.original}</title>
        </line>
      )}
      {lanes === 1 && (
        <line
          className={styles.bond}
          x1={Math.min(...xs)}
          x2={Math.max(...xs)}
          y1={LANE}
          y2={LANE}
        />
      )}
      {marks.map(({ at, from, to, lane }) => (
        <line
          key={at}
          className={styles.whisker}
          data-letter={letterOf(at)}
          x1={from}
          x2={to}
          y1={yOf(lane)}
          y2={yOf(lane)}
        />
      ))}
      {marks.map(({ at, x, lane }) => (
        <g
          key={at}
          className={styles.mark}
          data-letter={letterOf(at)}
          transform={`translate(${x} ${yOf(lane)})`}
        >
          <circle r={RADIUS} />
          <text dy="3.5" textAnchor="middle">
            {letterOf(at)}
          </text>
        </g>
      ))}
    </svg>
  );
}
