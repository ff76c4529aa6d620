import { useState } from 'react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { answersBetween } from './answers.ts';
import { ConfusionView } from './confusion-view.tsx';
import { Flips } from './flips.tsx';
import { OwnText } from './own-text.tsx';
import { Sample } from './sample.tsx';
import { withoutFile, type Sides } from './sides.ts';
import { useFits, useTryData } from './use-try.ts';
import styles from './try-tab.module.css';

type Shown = 'examples' | 'confusion' | 'own';

/** Two classifiers: whose answers changed, what is confused with what, and what they say of one's own text. */
export function AnswersView({ view, sides }: { view: ModelView; sides: Sides }) {
  const hasData = view.data.evaluation !== undefined;
  const [chosen, setShown] = useState<Shown>('examples');
  const { data, error } = useTryData(view);
  const fits = useFits(view);
  const answers = hasData ? answersBetween(sides, fits) : undefined;
  const options: Shown[] = [
    ...(hasData ? (['examples'] as const) : []),
    ...(answers?.expected ? (['confusion'] as const) : []),
    ...(view.hasTokenizer ? (['own'] as const) : []),
  ];
  const shown = options.includes(chosen) ? chosen : options.at(0);
  if (error) return <ErrorNote error={toStudioError(error)} />;
  // What has neither answers nor a file can say nothing yet.
  if (answers === undefined && withoutFile(sides) !== undefined) return null;
  if (shown === undefined) return <p className={styles.empty}>{tryIt.noExamples}</p>;
  const key = `${sides.left.id} ${sides.right.id}`;
  return (
    <>
      {options.length > 1 && (
        <div className={styles.modes}>
          <Segmented
            label={tryIt.answers.view}
            value={shown}
            options={options.map((value) => ({ value, label: tryIt.answers[value] }))}
            onChange={setShown}
          />
        </div>
      )}
      {shown === 'own' && withoutFile(sides) === undefined && <OwnText sides={sides} />}
      {shown === 'confusion' && answers && (
        <ConfusionView answers={answers} sides={sides} labels={view.labels} />
      )}
      {shown === 'examples' && answers && (
        <Flips key={key} answers={answers} sides={sides} labels={view.labels} />
      )}
      {shown === 'examples' && !answers && data && (
        <Sample key={key} data={data} sides={sides} labels={view.labels} />
      )}
      {shown === 'examples' && !answers && !data && (
        <p className={styles.empty} role="status">
          {tryIt.busy}
        </p>
      )}
    </>
  );
}
