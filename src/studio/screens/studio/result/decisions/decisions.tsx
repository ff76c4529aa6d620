import type { NoteTable } from '../../../../../core/methods/decision-note.ts';
import type { Decision } from '../../../../../core/report/types.ts';
import { methodCard } from '../../../../recipe/method-card.ts';
import { bits as t } from '../../../../strings/en-bits.ts';
import { Comparison } from './comparison.tsx';
import styles from './decisions.module.css';

/** What steps decided from data: in sentences, predictions beside what came, and the tables they rest on. */
export function Decisions({ decisions }: { readonly decisions: readonly Decision[] }) {
  return decisions.map(({ step, method, sentences, tables }) => (
    <section key={step} className={styles.decision} aria-label={t.decided}>
      <h4>
        {step + 1} {methodCard(method)?.title ?? method}
      </h4>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {tables.map((table) => (
        <Table key={table.title} table={table} />
      ))}
    </section>
  ));
}

/** Tables of layers are long: they open when somebody asks. */
function Table({ table }: { readonly table: NoteTable }) {
  const { title, columns, rows, compares } = table;
  return (
    <>
      {compares && <Comparison table={table} compares={compares} />}
      <details className={styles.table}>
        <summary>
          {title} <small>{t.rows(rows.length)}</small>
        </summary>
        {/* What scrolls has to be reached by keys, too. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join(' ')}>
                  {row.map((cell, at) => (
                    <td key={columns[at]} data-number={typeof cell === 'number' || undefined}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
