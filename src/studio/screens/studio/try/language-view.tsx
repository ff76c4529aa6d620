import { useState } from 'react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { ReadView } from './read-view.tsx';
import { withoutFile, type Sides } from './sides.ts';
import { WriteView } from './write-view.tsx';
import styles from './try-tab.module.css';

const MODES = ['read', 'write'] as const;
type Mode = (typeof MODES)[number];

/** Two models that read and write texts: what they expect in a given one, and what each writes by itself. */
export function LanguageView({ view, sides }: { view: ModelView; sides: Sides }) {
  const readable = view.data.evaluation !== undefined || view.hasTokenizer;
  const [mode, setMode] = useState<Mode>(readable ? 'read' : 'write');
  if (withoutFile(sides) !== undefined) return null;
  if (!readable) return <p className={styles.empty}>{tryIt.noTokenizer}</p>;
  return (
    <>
      <div className={styles.modes}>
        <Segmented
          label={tryIt.mode}
          value={mode}
          options={MODES.map((value) => ({ value, label: tryIt[value] }))}
          onChange={setMode}
        />
      </div>
      {mode === 'read' && <ReadView view={view} sides={sides} />}
      {mode === 'write' && view.hasTokenizer && (
        <WriteView view={view} sides={sides} onRead={() => setMode('read')} />
      )}
      {mode === 'write' && !view.hasTokenizer && (
        <p className={styles.empty}>{tryIt.noTokenizer}</p>
      )}
    </>
  );
}
