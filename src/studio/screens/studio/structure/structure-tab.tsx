import { useDeferredValue, useMemo, useState } from 'react';
import type { ModelView, Structure } from '../../../../../workers/protocol.ts';
import { useCatalog } from '../../../recipe/method-card.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import { BlockLine } from './block-line.tsx';
import { CutBar } from './cut-bar.tsx';
import { cutAlready } from './cut-steps.ts';
import { DistanceMap } from './distance-map.tsx';
import { DroppedTokens } from './dropped-tokens.tsx';
import { LookingBar } from './looking-bar.tsx';
import { blockRows, type BlockRow } from './structure-rows.ts';
import { useLooking } from './use-looking.ts';
import styles from './structure-tab.module.css';

/** The blocks of the model, what the recipe leaves of each, and what each part is worth. */
export function StructureTab() {
  const view = useModel((state) => state.view);
  if (view === undefined) return null;
  if (view.anatomy.blocks.length === 0) return <p className={styles.empty}>{t.none}</p>;
  return <Blocks view={view} />;
}

function Blocks({ view }: { view: ModelView }) {
  const [pointed, setPointed] = useState<string>();
  const forecast = useDeferredValue(useForecast((state) => state.forecast));
  const structure = forecast?.problems.length === 0 ? forecast.structure : undefined;
  const losses = useLooking((state) => state.losses);
  const distances = useLooking((state) => state.distances);
  const steps = useRecipe((state) => state.steps);
  const cards = useCatalog((state) => state.cards);
  const rows = useMemo(() => {
    const named = structure && cutAlready(steps, cards);
    return blockRows(view, { structure, losses, distances, ...(named && { named }) });
  }, [view, structure, losses, distances, steps, cards]);
  return (
    <div className={styles.tab} data-scrolls>
      <LookingBar view={view} />
      <p className={styles.summary}>{summaryOf(view, structure)}</p>
      <div className={styles.wide}>
        <Table rows={rows} onPoint={setPointed} />
      </div>
      <CutBar />
      <p className={styles.pointed} aria-live="polite">
        {pointed ?? (losses.length > 0 && t.point)}
      </p>
      <DroppedTokens before={view.anatomy.vocabularySize} after={structure?.vocabularySize} />
      <div className={styles.maps}>
        {distances.map((found) => (
          <DistanceMap
            key={found.stack}
            distances={found}
            named={rows[0].named}
            onPoint={setPointed}
          />
        ))}
      </div>
    </div>
  );
}

function Table({
  rows,
  onPoint,
}: {
  rows: readonly BlockRow[];
  onPoint: (words: string | undefined) => void;
}) {
  const extents = {
    feedForward: Math.max(...rows.map(({ block }) => block.feedForwardWidth ?? 0), 1),
    influence: Math.max(...rows.map(({ influence = 0 }) => influence)),
  };
  return (
    <table className={styles.blocks} aria-label={t.title}>
      <thead>
        <tr>
          <th scope="col">{t.columns.block}</th>
          <th scope="col">{t.columns.heads}</th>
          <th scope="col">{t.columns.feedForward}</th>
          <th scope="col" title={t.helpInfluence}>
            {t.columns.influence}
          </th>
          <th scope="col" title={t.helpLoss}>
            {t.columns.loss}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <BlockLine key={`${row.block.stack} ${row.block.index}`} {...{ row, extents, onPoint }} />
        ))}
      </tbody>
    </table>
  );
}

/** "5 blocks · width 64 · 512 tokens", and what becomes of it. */
function summaryOf({ anatomy }: ModelView, after: Structure | undefined): string {
  const { blocks, hiddenSize, vocabularySize } = anatomy;
  const before = t.summary(blocks.length, hiddenSize, vocabularySize);
  if (after === undefined) return before;
  const then = t.summary(after.blocks.length, after.hiddenSize, after.vocabularySize);
  return then === before ? before : t.becomes(before, then);
}
