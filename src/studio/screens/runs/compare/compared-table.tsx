import { useMemo } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import {
  compareRows,
  type ComparedDifference,
  type ComparedRow,
  type ComparedValue,
} from '../../../compare/compare-rows.ts';
import { letterOf } from '../../../compare/letters.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import { DumbbellPicture } from './dumbbell-picture.tsx';
import styles from './compare.module.css';

/** Every measure of every trial, each trial minus the first one, and where they stand on one line. */
export function ComparedTable({ trials }: { trials: readonly Trial[] }) {
  const rows = useMemo(() => compareRows(trials), [trials]);
  return (
    <>
      {/* A region that scrolls must be reachable by keyboard (axe: scrollable-region-focusable). */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroller} role="region" aria-label={t.measure} tabIndex={0}>
        <table className={styles.table}>
          <Head trials={trials} />
          <tbody>
            {rows.map((row) => (
              <Line key={row.key} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        {t.bandHelp} {t.pairedHelp} {t.unpairedHelp}
      </p>
    </>
  );
}

function Head({ trials }: { trials: readonly Trial[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">{t.measure}</th>
        <th scope="col">{t.picture}</th>
        {trials.map(({ id, name }, at) => (
          <th scope="col" key={id} title={name} data-number>
            <span className={styles.name}>
              {letterOf(at)} · {name}
            </span>
          </th>
        ))}
        {trials.slice(1).map(({ id }, at) => (
          <th scope="col" key={id} data-number>
            {t.against(letterOf(0), letterOf(at + 1))}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Line({ row }: { row: ComparedRow }) {
  return (
    <tr data-key={row.key}>
      <th scope="row">
        {row.label}
        {row.better && <small>{t.better[row.better]}</small>}
      </th>
      <td data-picture>
        <DumbbellPicture row={row} />
      </td>
      {row.values.map((value, at) => (
        <td key={letterOf(at)} data-number data-label={letterOf(at)}>
          <Value value={value} />
        </td>
      ))}
      {row.differences.map((difference, at) => (
        <td
          key={letterOf(at + 1)}
          data-number
          data-label={t.against(letterOf(0), letterOf(at + 1))}
          data-apart={'apart' in difference || undefined}
        >
          <Difference difference={difference} />
        </td>
      ))}
    </tr>
  );
}

function Value({ value }: { value: ComparedValue | undefined }) {
  if (value === undefined) return <>–</>;
  return (
    <>
      {value.text} {value.error !== undefined && <small>{value.error}</small>}
    </>
  );
}

function Difference({ difference }: { difference: ComparedDifference }) {
  if ('apart' in difference) return <>{difference.apart}</>;
  const { text, error, note, help } = difference;
  return (
    <span title={help}>
      {text} {error !== undefined && <small>{error}</small>}
      {note !== undefined && <small className={styles.how}>{note}</small>}
    </span>
  );
}
