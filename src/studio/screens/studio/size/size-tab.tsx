import { Image } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { pngOfSvg, svgOfFigure } from '../../../charts/figure.ts';
import { exportBlob } from '../../../flows/export-trial.ts';
import { formatBytes } from '../../../format/format.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { chosenLayers, selectLayer, useView } from '../../../state/view-store.ts';
import { bits } from '../../../strings/en-bits.ts';
import { size as t } from '../../../strings/en-size.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { BitsMapView } from './bits/bits-map-view.tsx';
import { Details, type Pointed } from './details.tsx';
import { Legend } from './legend.tsx';
import { sizeGroups, type SizePart } from './size-groups.ts';
import { SizeFigure } from './size-figure.tsx';
import { SizeTable } from './size-table.tsx';
import { Treemap } from './treemap.tsx';
import styles from './size-tab.module.css';

/** Where the bytes are, and which of them the recipe on the bench saves. */
export function SizeTab() {
  const [way, setWay] = useState<Way>('map');
  const [pointed, setPointed] = useState<Pointed>();
  const view = useModel((state) => state.view);
  // A slider stays ahead of a map of a thousand parts.
  const forecast = useDeferredValue(useForecast((state) => state.forecast));
  const layer = useView((state) => state.layer);
  const selected = useSelected();
  const groups = useMemo(
    () => (view === undefined ? [] : sizeGroups(view, forecast)),
    [view, forecast],
  );
  if (view === undefined) return null;
  const known = forecast !== undefined && forecast.layers.length > 0;
  const chosen = groups.flatMap((group) =>
    group.parts.filter(({ id }) => id === layer).map((part) => ({ part, group })),
  );
  const png = async (): Promise<void> => {
    const after = known ? forecast.bytes : undefined;
    const date = new Date().toISOString().slice(0, 10);
    const figure = { groups, whole: view.bytes, after, model: view.name, date };
    await exportBlob(
      await pngOfSvg(await svgOfFigure(<SizeFigure {...figure} />)),
      `${view.name}-size.png`,
    );
  };
  return (
    <div className={styles.tab}>
      <div className={styles.toolbar}>
        <Legend groups={groups} whole={view.bytes} />
        <span className={styles.ways}>
          <Segmented label={t.show} value={way} options={WAYS} onChange={setWay} />
          <IconButton icon={Image} label={t.png} onClick={() => void png()} />
        </span>
      </div>
      {way === 'bits' && <BitsMapView view={view} forecast={known ? forecast : undefined} />}
      {way === 'table' && (
        <SizeTable groups={groups} whole={view.bytes} selected={layer} onSelect={select} />
      )}
      {way === 'map' && (
        <Treemap
          groups={groups}
          whole={view.bytes}
          selected={selected}
          onPoint={(part, group) => setPointed(part && group && { part, group })}
          onSelect={select}
        />
      )}
      {way !== 'bits' && (
        <Details
          pointed={pointed ?? chosen.at(0)}
          whole={view.bytes}
          forecast={known ? formatBytes(forecast.bytes) : undefined}
        />
      )}
    </div>
  );
}

type Way = 'map' | 'bits' | 'table';

const WAYS = [
  { value: 'map', label: t.map },
  { value: 'bits', label: bits.show },
  { value: 'table', label: t.table },
] as const;

function select(part: SizePart): void {
  if (part.kind === 'layer') selectLayer(part.id);
}

function useSelected(): readonly string[] {
  const layer = useView((state) => state.layer);
  const alongside = useView((state) => state.alongside);
  return useMemo(() => chosenLayers({ layer, alongside }), [layer, alongside]);
}
