import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Preview, Spectrum } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Button } from '../../../ui/button.tsx';
import { SpectrumPlot } from './spectrum-plot.tsx';
import { spectrumFacts } from './spectrum-facts.ts';
import { questionOf } from './question-of.ts';
import { isAboutRank, isSlow } from './rank.ts';
import type { Shown } from './use-preview.ts';
import styles from './weights-tab.module.css';

interface SpectrumViewProps {
  readonly shown: Shown;
  readonly preview: Preview;
}

/** The singular values of the weight on screen, when somebody asks for them. */
export function SpectrumView({ shown, preview }: SpectrumViewProps) {
  const [asked, setOpen] = useState(false);
  // Where rank is what the method is about, its picture need not be asked for.
  const open = asked || isAboutRank(preview);
  const { data, isFetching } = useSpectrum(shown, preview, open);
  const slow = isSlow(preview);
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

function useSpectrum(shown: Shown, preview: Preview, open: boolean) {
  const view = useModel((state) => state.view);
  const { layer, step, targeted, measured } = shown;
  const key = measured.file?.trial ?? (targeted ? [step?.method, step?.options] : []);
  return useQuery({
    queryKey: ['spectrum', view?.sha256, layer?.name, key],
    queryFn: () =>
      clients().preview.spectrum({ ...questionOf(shown, preview), layer: layer?.name ?? '' }),
    enabled: open && layer !== undefined,
    // The old picture stays until the new one is there.
    placeholderData: (before) => before,
  });
}
