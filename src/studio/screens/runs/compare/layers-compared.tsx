import { useMemo, useState } from 'react';
import {
  layerDifferences,
  type LayerDifference,
  type LayerDifferences,
} from '../../../compare/layer-differences.ts';
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
      {found?.layers.length === 0 && <p className={styles.note}>{t.noLayers}</p>}
      {found !== undefined && found.layers.length > 0 && (
        <>
          <p className={styles.note}>{t.layersLead(...sides)}</p>
          <LayersTable found={found} />
        </>
      )}
    </section>
  );
}

function LayersTable({ found: { layers, leftOut } }: { found: LayerDifferences }) {
  const [all, setAll] = useState(false);
  const shown = all ? layers : layers.slice(0, FIRST);
  const names = useMemo(() => shortNames(layers.map(({ name }) => [name])), [layers]);
  const largest = Math.abs(layers[0]?.error ?? 0);
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

function LayerLine({
  layer: { name, error, errors, bytes, kind },
  label,
  largest,
}: LayerLineProps) {
  const change = bytes[1] - bytes[0];
  const word = error < 0 ? t.down : t.up;
  return (
    <tr
      title={`${name}: ${t.kinds[kind]} ${t.arrow(formatError(errors[0]), formatError(errors[1]))}`}
    >
      <th scope="row">{label}</th>
      <td>
        <DifferenceBar share={largest === 0 ? 0 : error / largest} />
      </td>
      <td data-number>
        {error === 0 ? '0' : `${error < 0 ? '−' : '+'}${formatError(Math.abs(error))}`}
        <span className="visually-hidden"> {word}</span>
      </td>
      <td data-number>{signed(change, formatBytes(change))}</td>
    </tr>
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
