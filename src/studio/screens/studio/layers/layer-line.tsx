import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { isExcluded, toggleExcluded } from '../../../flows/layer-choice.ts';
import { formatBytes, formatError, formatExactBytes, significant } from '../../../format/format.ts';
import { withoutName } from '../../../format/without-name.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { selectLayer } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import type { LayerRow } from './layer-rows.ts';
import styles from './layers-tab.module.css';

interface LayerLineProps {
  readonly row: LayerRow;
  readonly index: number;
  readonly top: number;
  readonly selected: boolean;
  /** The largest error of the table: the full width of a bar. */
  readonly largest: number;
}

export const LayerLine = memo(function LayerLine(props: LayerLineProps) {
  const { row, index, top, selected, largest } = props;
  const { name, layer, bytesBefore, bytesAfter, bits, reason } = row;
  const remark = reason ?? layer.stored?.text;
  return (
    // The grid has the focus and handles the arrow keys; a click is a shortcut to the same thing.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="row"
      className={styles.row}
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => selectLayer(name)}
    >
      <span role="gridcell">
        <UseToggle name={name} />
      </span>
      <span
        role="gridcell"
        data-column="name"
        title={[name, ...(remark === undefined ? [] : [remark])].join('\n')}
      >
        <span className={styles.layerName}>
          <bdi>{name}</bdi>
        </span>
        {remark !== undefined && <small>{withoutName(remark, name)}</small>}
      </span>
      <span role="gridcell" data-column="role">
        {en.roles[layer.role]}
        {layer.block !== undefined && <small>{layer.block}</small>}
      </span>
      <span role="gridcell" data-column="shape">
        {layer.outFeatures}×{layer.inFeatures}
      </span>
      <span role="gridcell" data-column="before" title={formatExactBytes(bytesBefore)}>
        {formatBytes(bytesBefore)}
      </span>
      <span role="gridcell" data-column="after" title={formatExactBytes(bytesAfter)}>
        {bytesAfter === bytesBefore ? '–' : formatBytes(bytesAfter)}
      </span>
      <span role="gridcell" data-column="bits">
        {significant(bits)}
      </span>
      <span role="gridcell" data-column="error">
        <ErrorBars row={row} largest={largest} />
      </span>
    </div>
  );
});

function UseToggle({ name }: { name: string }) {
  const excluded = useRecipe((state) => isExcluded(state.steps, name));
  const empty = useRecipe((state) => state.steps.length === 0);
  return (
    <input
      type="checkbox"
      className={styles.use}
      aria-label={en.layers.exclude(name)}
      disabled={empty}
      checked={!excluded && !empty}
      onClick={(event) => event.stopPropagation()}
      onChange={() => toggleExcluded(name)}
    />
  );
}

/** The method's error above its baseline's, on the same scale. */
function ErrorBars({ row, largest }: { row: LayerRow; largest: number }) {
  const { error, baselineError, warnings } = row;
  if (error === undefined) return null;
  const share = (value: number): string => `${largest > 0 ? (100 * value) / largest : 0}%`;
  const title = [
    `${en.layers.method} ${formatError(error)}`,
    ...(baselineError === undefined ? [] : [`${en.layers.baseline} ${formatError(baselineError)}`]),
    ...warnings,
  ].join('\n');
  return (
    <span className={styles.errors} title={title}>
      <span className={styles.bars} aria-hidden>
        <i className={styles.method} style={{ width: share(error) }} />
        {baselineError !== undefined && (
          <i className={styles.baseline} style={{ width: share(baselineError) }} />
        )}
      </span>
      <span>{formatError(error)}</span>
      {warnings.length > 0 && <TriangleAlert size={12} aria-label={warnings.join(' ')} />}
    </span>
  );
}
