import type { ModelView } from '../../../../../workers/protocol.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { KlScale } from '../try/kl-scale.tsx';
import { lookAtParts, stopLooking, useLooking } from './use-looking.ts';
import styles from './structure-tab.module.css';

/** Starts the measuring of all parts, says how far it is, and what the colours mean. */
export function LookingBar({ view }: { view: ModelView }) {
  const { running, finished, error, losses } = useLooking();
  const noData = view.data.calibration === undefined;
  return (
    <>
      <div className={styles.toolbar}>
        {running ? (
          <span className={styles.running} role="status">
            {t.measuring(t.stages[running.kind], Math.floor(100 * running.fraction))}
            <Button onClick={stopLooking}>{t.stop}</Button>
          </span>
        ) : (
          <Button
            tone={finished ? 'plain' : 'primary'}
            disabled={noData}
            title={t.measureHelp}
            onClick={() => void lookAtParts()}
          >
            {finished ? t.measureAgain : t.measure}
          </Button>
        )}
        {losses.length > 0 ? (
          <KlScale
            title={losses[0].loss.measure === 'kl' ? t.scale : t.relative}
            underline={false}
          />
        ) : (
          <span className={styles.quiet}>{noData ? t.noData : t.measureHelp}</span>
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </>
  );
}
