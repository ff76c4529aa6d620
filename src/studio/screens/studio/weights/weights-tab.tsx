import type { ReactNode } from 'react';
import type { StudioError } from '../../../../../workers/protocol.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { selectLayer } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { BlockView } from './block-view.tsx';
import { ClipView } from './clip/clip-view.tsx';
import { HeatMaps } from './heat-maps.tsx';
import { Histogram } from './histogram.tsx';
import { InputsView } from './inputs/inputs-view.tsx';
import { lookingAt, useLooking } from './looking.ts';
import { noteOf } from './note.ts';
import { Numbers } from './numbers.tsx';
import { SparsityView } from './sparsity-view.tsx';
import { SpectrumView } from './spectrum-view.tsx';
import { TensorButton } from './tensor-button.tsx';
import { usePreview, type Shown } from './use-preview.ts';
import styles from './weights-tab.module.css';

/** One tensor as pictures, before and after, live while an option moves. */
export function WeightsTab() {
  const shown = usePreview();
  const { preview, error } = shown;
  const looking = useLooking();
  const { entry } = lookingAt(looking, shown.layer?.name);
  const note = noteOf(shown);
  return (
    <div className={styles.tab}>
      <Subject shown={shown}>{preview && <TensorButton {...{ shown, preview, entry }} />}</Subject>
      {error && <NoPreview error={error} />}
      {note !== undefined && <p className={styles.note}>{note}</p>}
      {preview && (
        <>
          {preview.after && (
            <Numbers preview={preview} after={preview.after} trial={shown.measured.trial} />
          )}
          <BlockView preview={preview} entry={entry} />
          <HeatMaps preview={preview} entry={entry} />
          <SparsityView preview={preview} entry={entry} />
          <Histogram preview={preview} />
          <ClipView {...{ shown, preview, entry }} />
          <InputsView shown={shown} />
          <SpectrumView shown={shown} preview={preview} />
        </>
      )}
    </div>
  );
}

/** A weight that the recipe leaves alone with a reason is no failure, nor is one that it cut or removed, nor a step without pictures. */
const NO_FAILURE = new Set(['layer-refused', 'layer-reshaped', 'layer-not-found', 'preview-graph']);

function NoPreview({ error }: { error: StudioError }) {
  return NO_FAILURE.has(error.code) ? (
    <p className={styles.note}>{error.message}</p>
  ) : (
    <ErrorNote error={error} />
  );
}

interface SubjectProps {
  readonly shown: Shown;
  readonly children: ReactNode;
}

function Subject({ shown: { layer, step, preview }, children }: SubjectProps) {
  const layers = useModel((state) => state.view?.anatomy.layers);
  if (layer === undefined || layers === undefined) return null;
  const ofStep = step !== undefined && preview?.after?.from !== 'file';
  return (
    <div className={styles.subject}>
      <ChoiceMenu
        label={t.layer}
        value={layer.name}
        choices={layers.map(({ name }) => ({ value: name, label: name }))}
        onChange={selectLayer}
      />
      <span>
        {en.roles[layer.role]} · {layer.outFeatures}×{layer.inFeatures}
      </span>
      {ofStep && <span>{methodCard(step.method)?.title ?? step.method}</span>}
      {children}
    </div>
  );
}
