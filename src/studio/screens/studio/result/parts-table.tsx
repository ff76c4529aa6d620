import { partOf, stemOf } from '../../../../core/companions/parts.ts';
import type { PartLine } from '../../../../../workers/protocol.ts';
import { formatBytes, formatExactBytes, formatRatio } from '../../../format/format.ts';
import { en } from '../../../strings/en.ts';
import styles from './parts-table.module.css';

/** What a run over several parts came to, part by part and together. */
export function PartsTable({ lines }: { lines: readonly PartLine[] }) {
  const total = (size: 'bytesBefore' | 'bytesAfter'): number =>
    lines.reduce((sum, line) => sum + line[size], 0);
  const { part, before, after, ratio } = en.parts.column;
  return (
    <>
      <table className={styles.parts} aria-label={en.parts.table}>
        <thead>
          <tr>
            {[part, before, after, ratio].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.path}>
              <th scope="row" title={line.path}>
                {partName(line)}
              </th>
              <Sizes
                before={line.bytesBefore}
                after={line.trial === undefined ? undefined : line.bytesAfter}
              />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{en.parts.total}</th>
            <Sizes before={total('bytesBefore')} after={total('bytesAfter')} />
          </tr>
        </tfoot>
      </table>
      {lines.map(
        ({ path, message }) =>
          message !== undefined && (
            <p key={path} className={styles.left}>
              <code>{stemOf(path)}</code> {message}
            </p>
          ),
      )}
    </>
  );
}

/** Its role, which is shorter than its name and says more. */
function partName({ path }: PartLine): string {
  const { role } = partOf({ path });
  return role === 'model' ? stemOf(path) : en.parts.roles[role];
}

/** Without a size after, the part was left as it is. */
function Sizes({ before, after }: { before: number; after: number | undefined }) {
  if (after === undefined) {
    return (
      <>
        <td title={formatExactBytes(before)}>{formatBytes(before)}</td>
        <td colSpan={2}>{en.parts.asItWas}</td>
      </>
    );
  }
  return (
    <>
      <td title={formatExactBytes(before)}>{formatBytes(before)}</td>
      <td title={formatExactBytes(after)}>{formatBytes(after)}</td>
      <td>{formatRatio(before, after)}</td>
    </>
  );
}
