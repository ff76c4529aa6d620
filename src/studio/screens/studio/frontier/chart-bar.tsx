import { Minus, Plus } from 'lucide-react';
import { useRef } from 'react';
import type { FrontierData } from '../../../frontier/data.ts';
import type { Frame } from '../../../frontier/frame.ts';
import { useShowsAnother } from '../../../state/bench.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useShownTrial } from '../../../state/trials.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { loadTrial } from './show-trial.ts';
import type { CameraControl } from './use-camera.ts';
import { STEP } from './use-gestures.ts';
import styles from './chart-bar.module.css';

interface ChartBarProps {
  readonly data: FrontierData;
  /** Absent where there is nothing to zoom into. */
  readonly frame?: Frame;
  readonly control?: CameraControl;
}

/** Over the chart: what is shown when it is not what is on the bench, else how to read it; and the zoom. */
export function ChartBar({ data, frame, control }: ChartBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const other = useShowsAnother();
  return (
    <div ref={bar} className={styles.bar} tabIndex={-1} role="group" aria-label={words.bar}>
      {other ? (
        <BenchChip
          onLoad={(id) => {
            loadTrial(id);
            // The chip goes away with what it does.
            bar.current?.focus();
          }}
        />
      ) : (
        <span className={styles.direction}>{words[data.of.quality.better]}</span>
      )}
      {frame && control && <Zoom frame={frame} control={control} />}
    </div>
  );
}

function BenchChip({ onLoad }: { onLoad: (id: string) => void }) {
  const shown = useShownTrial();
  const empty = useRecipe(({ steps }) => steps.every(({ disabled }) => disabled === true));
  if (shown === undefined) return null;
  return (
    <span className={styles.chip}>
      <span className={styles.what}>
        {words.shownIs} <strong>{shown.name}</strong>
      </span>
      <span className={styles.differs}>{empty ? words.benchEmpty : words.benchDiffers}</span>
      <Button
        tone="quiet"
        title={words.loadHelp}
        aria-label={words.load(shown.name)}
        onClick={() => onLoad(shown.id)}
      >
        {words.loadShort}
      </Button>
    </span>
  );
}

function Zoom({ frame, control }: { frame: Frame; control: CameraControl }) {
  const { base, view } = control.camera;
  const is = (name: typeof base): boolean => base === name && view === undefined;
  return (
    <span className={styles.zoom} title={words.zoomHelp}>
      <IconButton
        icon={Minus}
        small
        label={words.zoomOut}
        onClick={() => control.zoom(frame, STEP)}
      />
      <IconButton
        icon={Plus}
        small
        label={words.zoomIn}
        onClick={() => control.zoom(frame, 1 / STEP)}
      />
      <Button tone="quiet" aria-pressed={is('frontier')} onClick={() => control.fit('frontier')}>
        {words.fit}
      </Button>
      <Button tone="quiet" aria-pressed={is('all')} onClick={() => control.fit('all')}>
        {words.all}
      </Button>
    </span>
  );
}
