import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Preview, Spectrum } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Button } from '../../../ui/button.tsx';
import { SpectrumPlot } from './spectrum-plot.tsx';
import { spectrumFacts } from './spectrum-facts.ts';
import type { Shown } from './use-preview.ts';
import styles from './weights-tab.module.css';

/** Weights whose shorter side is longer than this take seconds. */
const SLOW = 1024;

interface SpectrumViewProps {
  readonly shown: Shown;
  readonly preview: Preview;
}

/** The singular values of the weight on screen, when somebody asks for them. */
export function SpectrumView({ shown, preview }: SpectrumViewProps) {
  const [open, setOpen] = useState(false);
  const { data, isFetching } = useSpectrum(shown, preview, open);
  const slow = Math.min(preview.rows, preview.columns) > SLOW;
  const current = data?.layer === preview.layer ? data : undefined;
  return (
    <figure className={styles.figure} aria-busy={isFetching}>
      <figcaption>
        <span title={t.spectrumHelp}>{t.spectrum}</span>
        {isFetching && <span className={styles.key}>{t.spectrumComputing}</span>}
      </figcaption>
      {!open && (
        <div className={styles.ask}>
          <Button onClick={() => setOpen(true)}>{t.spectrumShow}</Button>
          <span>{slow ? t.spectrumSlow : t.spectrumHelp}</span>
        </div>
      )}
      {open && current && <Drawn spectrum={current} />}
    </figure>
  );
}

function Drawn({ spectrum }: { spectrum: Spectrum }) {
  const facts = spectrumFacts(spectrum);
  const { ninety, ninetyNine, breakEven, rankAfter } = facts;
  const words = [
    t.spectrumWords(ninety, ninetyNine, spectrum.before.length),
    t.breakEven(breakEven),
    ...(rankAfter === undefined ? [] : [t.rankAfter(rankAfter)]),
  ];
  return (
    <>
      <SpectrumPlot spectrum={spectrum} facts={facts} label={words.join(' ')} />
      <p className={styles.words}>{words.join(' ')}</p>
    </>
  );
}

function useSpectrum({ layer, step, targeted, measured }: Shown, preview: Preview, open: boolean) {
  const view = useModel((state) => state.view);
  const what =
    measured.file !== undefined
      ? { measured: measured.file }
      : targeted && step !== undefined
        ? { step: { method: step.method, options: step.options } }
        : {};
  const key = measured.file?.trial ?? (targeted ? [step?.method, step?.options] : []);
  const { entry, crop } = { entry: { row: 0, column: 0 }, crop: preview.crop };
  const { cells, bins } = { cells: 96, bins: 160 };
  return useQuery({
    queryKey: ['spectrum', view?.sha256, layer?.name, key],
    queryFn: () =>
      clients().preview.spectrum({ layer: layer?.name ?? '', entry, crop, cells, bins, ...what }),
    enabled: open && layer !== undefined,
    // The old picture stays until the new one is there.
    placeholderData: (before) => before,
  });
}
