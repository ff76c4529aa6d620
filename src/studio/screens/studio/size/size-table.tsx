import { formatBytes } from '../../../format/format.ts';
import { size as t } from '../../../strings/en-size.ts';
import { Button } from '../../../ui/button.tsx';
import { groupName, hasBothStacks, partTitle, shapeText, shareText } from './part-words.ts';
import type { SizeGroup, SizePart } from './size-groups.ts';
import styles from './size-tab.module.css';

interface SizeTableProps {
  readonly groups: readonly SizeGroup[];
  readonly whole: number;
  readonly selected: string | undefined;
  readonly onSelect: (part: SizePart) => void;
}

/** The map as numbers. */
export function SizeTable(props: SizeTableProps) {
  const { groups, whole } = props;
  const both = hasBothStacks(groups);
  const c = t.columns;
  return (
    // What scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.area} tabIndex={0} role="region" aria-label={t.title}>
      <table className={styles.table} aria-label={t.title}>
        <thead>
          <tr>
            {[c.part, c.shape, c.type, c.before, c.after, c.share].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.id}>
            <tr className={styles.groupLine}>
              <th scope="rowgroup" colSpan={3}>
                {groupName(group, both)}
              </th>
              <Sizes {...group} whole={whole} />
            </tr>
            {group.parts.map((part) => (
              <Line key={part.id} part={part} {...props} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Line({ part, whole, selected, onSelect }: SizeTableProps & { part: SizePart }) {
  return (
    <tr aria-selected={part.id === selected}>
      <th scope="row">
        {part.kind === 'layer' ? (
          <Button tone="quiet" title={part.id} onClick={() => onSelect(part)}>
            {part.id}
          </Button>
        ) : (
          <span title={partTitle(part)}>{partTitle(part)}</span>
        )}
      </th>
      <td>{shapeText(part.shape)}</td>
      <td>{part.dataType ?? '–'}</td>
      <Sizes {...part} whole={whole} />
    </tr>
  );
}

interface SizesProps {
  readonly before: number;
  readonly after?: number;
  readonly whole: number;
}

function Sizes({ before, after, whole }: SizesProps) {
  return (
    <>
      <td>{formatBytes(before)}</td>
      <td>{after === undefined ? '–' : formatBytes(after)}</td>
      <td>{shareText(before, whole)}</td>
    </>
  );
}
