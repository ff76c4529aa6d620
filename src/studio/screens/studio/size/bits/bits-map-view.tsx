import { useMemo, useState } from 'react';
import { formatBytes, formatError } from '../../../../format/format.ts';
import { layerLosses } from '../../../../recipe/layer-losses.ts';
import { useBenchTrial } from '../../../../state/bench.ts';
import { selectLayer, useView } from '../../../../state/view-store.ts';
import { bits as t } from '../../../../strings/en-bits.ts';
import { en } from '../../../../strings/en.ts';
import { size } from '../../../../strings/en-size.ts';
import type { Forecast, ModelView } from '../../../../../../workers/protocol.ts';
import { averageBits, bitsMap, bitsText, type BitsCell, type BitsRow } from './bits-rows.ts';
import { CellButton } from './cell-button.tsx';
import { shadeStyle } from './shade-style.ts';
import { walkCells } from './walk-cells.ts';
import styles from './bits.module.css';

interface BitsMapViewProps {
  readonly view: ModelView;
  readonly forecast: Forecast | undefined;
}

/** Bits of every layer by block and part, as the recipe on the bench leaves them; with what each loses alone, once measured. */
export function BitsMapView({ view, forecast }: BitsMapViewProps) {
  const [pointed, setPointed] = useState<BitsCell>();
  const selected = useView((state) => state.layer);
  const decisions = useBenchTrial()?.report?.decisions;
  const map = useMemo(
    () => bitsMap(view, forecast, layerLosses(decisions)),
    [view, forecast, decisions],
  );
  const cells = [...map.blocks, ...map.others].flatMap((row) => row.cells);
  const largest = Math.max(0, ...cells.map((cell) => cell?.loss ?? 0));
  const shown = pointed ?? cells.find((cell) => cell?.layer.name === selected);
  const one = shown?.layer.name ?? cells.find((cell) => cell)?.layer.name;
  const button = (cell: BitsCell) => (
    <CellButton
      key={cell.layer.output}
      cell={cell}
      largest={largest}
      selected={cell.layer.name === selected}
      tabbed={cell.layer.name === one}
      onPoint={setPointed}
      onSelect={() => selectLayer(cell.layer.name)}
    />
  );
  return (
    <div className={styles.box} onKeyDown={walkCells} role="presentation">
      <p className={styles.summary}>
        {t.average(bitsText(averageBits(map)))} {decisions ? t.lossLegend : ''}
      </p>
      {/* What scrolls has to be reached by keys, too: the cells are. */}
      <div className={styles.scroll}>
        {map.blocks.length > 0 && (
          <table className={styles.map} aria-label={t.title}>
            <thead>
              <tr>
                <td />
                {map.columns.map(({ role, nth }) => (
                  <th key={`${role} ${nth}`} scope="col">
                    {en.roles[role]}
                    {nth > 0 && ` ${nth + 1}`}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {map.blocks.map((row) => (
                <tr key={row.id}>
                  <th scope="row">{titleOf(row, map.blocks)}</th>
                  {map.columns.map((_, at) => {
                    const cell = row.cells[at];
                    return <td key={at}>{cell && button(cell)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {map.others.map((row) => (
        <div key={row.id} className={styles.strip} role="group" aria-label={titleOf(row, [])}>
          <span>{titleOf(row, [])}</span>
          <div>{row.cells.map((cell) => cell && button(cell))}</div>
        </div>
      ))}
      <p className={styles.about} aria-live="polite">
        {shown ? <About cell={shown} /> : t.hint}
      </p>
      <Legend />
    </div>
  );
}

function titleOf({ block, group }: BitsRow, all: readonly BitsRow[]): string {
  if (block === undefined) return size.groups[group ?? 'other'];
  const both = new Set(all.map((row) => row.block?.stack)).size > 1;
  return both && block.stack ? size.stackBlock(block.stack, block.index) : size.block(block.index);
}

function About({ cell: { layer, bits, before, after, loss } }: { readonly cell: BitsCell }) {
  return (
    <>
      <code>{layer.name}</code>
      <span>
        {en.roles[layer.role]} · {layer.outFeatures}×{layer.inFeatures}
      </span>
      <span>
        {formatBytes(before)} → <b>{formatBytes(after)}</b>
      </span>
      <span>{after === 0 ? t.shared : t.bits(bitsText(bits))}</span>
      {loss !== undefined && <span>{t.loss(formatError(loss))}</span>}
    </>
  );
}

const KEYS = [2, 3, 4, 6, 8, 16, 32];

function Legend() {
  return (
    <p className={styles.legend}>
      {t.legend}
      {KEYS.map((key) => (
        <i key={key} style={shadeStyle(key)}>
          {key}
        </i>
      ))}
      <i data-same>{t.same}</i>
    </p>
  );
}
