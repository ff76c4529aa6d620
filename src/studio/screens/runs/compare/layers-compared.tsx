import { useMemo, useState } from 'react';
import { layerDifferences, type LayerDifference } from '../../../compare/layer-differences.ts';
import { formatBytes, formatError, signed } from '../../../format/format.ts';
import { shortNames } from '../../../format/short-names.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import { Button } from '../../../ui/button.tsx';
import type { PairProps } from './recipe-compared.tsx';
import styles from './compare.module.css';

const FIRST = 12;

/** Where one trial keeps the layers better than the other, and what that costs in bytes. */
export function LayersCompared({ a, b, sides }: PairProps) {
  const found = useMemo(
    () => (a.report && b.report ? layerDifferences(a.report, b.report) : undefined),
    [a.report, b.report],
  );
  return (
    <section className={styles.block} aria-label={t.layers}>
      <h3>{t.layers}</h3>
      {found === undefined && <p className={styles.note}>{t.layersOfModels}</p>}
      {found?.length === 0 && <p className={styles.note}>{t.noLayers}</p>}
      {found !== undefined && found.length > 0 && (
        <>
          <p className={styles.note}>{t.layersLead(...sides)}</p>
          <LayersTable layers={found} />
        </>
      )}
    </section>
  );
}

function LayersTable({ layers }: { layers: readonly LayerDifference[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? layers : layers.slice(0, FIRST);
  const names = useMemo(() => shortNames(layers.map(({ name }) => [name])), [layers]);
  const largest = Math.abs(layers[0]?.errors?.difference ?? 0);
  const leftOut = layers.filter(({ errors }) => errors === undefined).length;
  return (
    <>
      <table className={styles.layers}>
        <thead>
          <tr>
            <th scope="col">{t.layer}</th>
            <th scope="col">
              {t.down} | {t.up}
            </th>
            <th scope="col" data-number>
              {t.error}
            </th>
            <th scope="col" data-number>
              {t.bytes}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((layer) => (
            <LayerLine
              key={layer.name}
              layer={layer}
              label={names.get(layer.name) ?? layer.name}
              largest={largest}
            />
          ))}
        </tbody>
      </table>
      {layers.length > FIRST && (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? t.fewer : t.more(layers.length)}
        </Button>
      )}
      {leftOut > 0 && <p className={styles.note}>{t.leftOut(leftOut)}</p>}
    </>
  );
}

interface LayerLineProps {
  readonly layer: LayerDifference;
  readonly label: string;
  readonly largest: number;
}

function LayerLine({ layer: { name, errors, bytes }, label, largest }: LayerLineProps) {
  const change = bytes[1] - bytes[0];
  return (
    <tr title={errors && `${name}: ${t.kinds[errors.kind]} ${arrow(errors.both)}`}>
      <th scope="row">{label}</th>
      <td>{errors && <DifferenceBar share={largest === 0 ? 0 : errors.difference / largest} />}</td>
      <td data-number>{errors === undefined ? '–' : <ErrorChange change={errors.difference} />}</td>
      <td data-number>{signed(change, formatBytes(change))}</td>
    </tr>
  );
}

function arrow([from, to]: readonly [number, number]): string {
  return t.arrow(formatError(from), formatError(to));
}

function ErrorChange({ change }: { change: number }) {
  if (change === 0) return <>0</>;
  const less = change < 0;
  return (
    <>
      {`${less ? '−' : '+'}${formatError(Math.abs(change))}`}
      <span className="visually-hidden"> {less ? t.down : t.up}</span>
    </>
  );
}

const WIDTH = 120;

/** To the left of the middle: less error; to the right, hatched by its outline: more. */
function DifferenceBar({ share }: { share: number }) {
  const half = WIDTH / 2;
  const length = Math.abs(share) * (half - 1);
  return (
    <svg className={styles.bar} width={WIDTH} height={12} aria-hidden>
      <line x1={half} x2={half} y1={0} y2={12} />
      <rect
        data-more={share > 0 || undefined}
        x={share < 0 ? half - length : half}
        y={2.5}
        width={length}
        height={7}
      />
    </svg>
  );
}
