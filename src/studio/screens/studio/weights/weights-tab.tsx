import type { Preview, StudioError } from '../../../../../workers/protocol.ts';
import { formatError, formatLatency, significant } from '../../../format/format.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { selectLayer } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { HeatMaps } from './heat-maps.tsx';
import { Histogram } from './histogram.tsx';
import { usePreview, type Shown } from './use-preview.ts';
import styles from './weights-tab.module.css';

/** One tensor as pictures, before and after, live while an option moves. */
export function WeightsTab() {
  const shown = usePreview();
  const { preview, error, targeted, step } = shown;
  return (
    <div className={styles.tab}>
      <Subject shown={shown} />
      {step === undefined && <p className={styles.note}>{en.weights.noStep}</p>}
      {step !== undefined && !targeted && <p className={styles.note}>{en.weights.notTargeted}</p>}
      {error && <NoPreview error={error} />}
      {preview && (
        <>
          {preview.note !== undefined && <p className={styles.note}>{preview.note}</p>}
          {targeted && <Numbers preview={preview} />}
          <Histogram preview={preview} after={targeted} />
          <HeatMaps preview={preview} after={targeted} />
        </>
      )}
    </div>
  );
}

/** A weight that the recipe leaves alone with a reason is no failure. */
function NoPreview({ error }: { error: StudioError }) {
  return error.code === 'layer-refused' ? (
    <p className={styles.note}>{error.message}</p>
  ) : (
    <ErrorNote error={error} />
  );
}

function Subject({ shown: { layer, step } }: { shown: Shown }) {
  const layers = useModel((state) => state.view?.anatomy.layers);
  if (layer === undefined || layers === undefined) return null;
  return (
    <div className={styles.subject}>
      <ChoiceMenu
        label={en.weights.layer}
        value={layer.name}
        choices={layers.map(({ name }) => ({ value: name, label: name }))}
        onChange={selectLayer}
      />
      <span>
        {en.roles[layer.role]} · {layer.outFeatures}×{layer.inFeatures}
      </span>
      {step !== undefined && <span>{methodCard(step.method)?.title ?? step.method}</span>}
    </div>
  );
}

function Numbers({ preview }: { preview: Preview }) {
  const t = en.weights;
  const facts = [
    [t.relativeError, formatError(preview.relativeError), t.relativeErrorHelp],
    [t.sqnr, `${significant(preview.sqnr)} dB`, t.sqnrHelp],
    [
      t.zeros,
      `${((100 * preview.zeros) / (preview.rows * preview.columns)).toFixed(1)} %`,
      t.zerosHelp,
    ],
    [t.time, formatLatency(preview.milliseconds), t.timeHelp],
  ] as const;
  return (
    <dl className={styles.numbers}>
      {facts.map(([name, value, help]) => (
        <div key={name} title={help}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
