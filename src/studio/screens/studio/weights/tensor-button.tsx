import { Image } from 'lucide-react';
import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { exportBlob } from '../../../flows/export-trial.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Button } from '../../../ui/button.tsx';
import { isAboutRank } from './rank.ts';
import { tensorPng } from './tensor-png.ts';
import { questionOf } from './question-of.ts';
import type { Shown } from './use-preview.ts';

interface TensorButtonProps {
  readonly shown: Shown;
  readonly preview: Preview;
  readonly entry: Entry;
}

/** Saves what was done to the tensor as one picture. */
export function TensorButton({ shown, preview, entry }: TensorButtonProps) {
  const model = useModel((state) => state.view?.name ?? '');
  const { step, targeted } = shown;
  const method = targeted && step ? (methodCard(step.method)?.title ?? step.method) : undefined;
  const save = async (): Promise<void> => {
    const date = new Date().toISOString().slice(0, 10);
    const spectrum = isAboutRank(preview)
      ? await clients().preview.spectrum(questionOf(shown, preview))
      : undefined;
    const figure = { preview, entry, model, date, ...(method !== undefined && { method }) };
    const blob = await tensorPng({ ...figure, ...(spectrum && { spectrum }) });
    await exportBlob(blob, `${model}-${preview.layer}.png`);
  };
  return (
    <Button icon={Image} title={t.tensorPngHelp} onClick={() => void save()}>
      {t.tensorPng}
    </Button>
  );
}
