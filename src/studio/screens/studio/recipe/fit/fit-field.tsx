import { useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { fitInto, leastBytes, useAiming } from '../../../../flows/fit-into.ts';
import { formatBytes } from '../../../../format/format.ts';
import { currentAim } from '../../../../recipe/fit-steps.ts';
import type { MethodCard } from '../../../../recipe/method-card.ts';
import { aimText, readAim } from '../../../../recipe/read-aim.ts';
import { benchKey } from '../../../../state/bench.ts';
import { useModel } from '../../../../state/model-store.ts';
import { recipeOf, useRecipe } from '../../../../state/recipe-store.ts';
import { fit as t } from '../../../../strings/en-fit.ts';
import { Button } from '../../../../ui/button.tsx';
import { Came } from './came.tsx';
import styles from './fit.module.css';

/** One field that says what the file shall come to: the recipe follows. */
export function FitField() {
  const card = useAiming();
  const open = useModel((state) => state.view !== undefined);
  return card && open ? <Field card={card} /> : null;
}

function Field({ card }: { readonly card: MethodCard }) {
  const aim = useRecipe(({ steps }) => {
    const found = currentAim(steps, card);
    return found && aimText(found);
  });
  const [text, setText] = useState<string>();
  const [unclear, setUnclear] = useState<string>();
  const [asked, setAsked] = useState(false);
  const data = useModel((state) => state.view?.data.calibration);
  const help = useId();
  const shown = text ?? aim ?? '';
  const wanted = readAim(shown);
  const least = useLeast(card, asked);
  const tooSmall =
    wanted !== undefined && 'bytes' in wanted && typeof least === 'number' && wanted.bytes < least;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted === undefined) return setUnclear(shown);
    if (tooSmall) return;
    fitInto(card, wanted);
    setText(undefined);
  };
  const words = wordsOf({ unclear, least, tooSmall, data: data !== undefined, asked });
  return (
    <form className={styles.fit} onSubmit={submit} aria-label={t.label}>
      <label>
        <span>{t.label}</span>
        <input
          value={shown}
          placeholder={t.example}
          title={t.help}
          aria-describedby={help}
          aria-invalid={tooSmall || unclear !== undefined || undefined}
          onFocus={() => setAsked(true)}
          onChange={(event) => {
            setText(event.target.value);
            setUnclear(undefined);
          }}
        />
      </label>
      <Button type="submit" disabled={shown === '' || data === undefined}>
        {t.take}
      </Button>
      <p
        id={help}
        className={words === undefined ? 'visually-hidden' : styles.words}
        data-wrong={tooSmall || unclear !== undefined || undefined}
        role="status"
      >
        {words ?? t.help}
      </p>
      {aim !== undefined && <Came />}
    </form>
  );
}

interface Said {
  readonly unclear: string | undefined;
  readonly least: number | null | undefined;
  readonly tooSmall: boolean;
  readonly data: boolean;
  /** Somebody has been in the field. */
  readonly asked: boolean;
}

function wordsOf({ unclear, least, tooSmall, data, asked }: Said): string | undefined {
  if (!data) return asked ? t.noData : undefined;
  if (unclear !== undefined) return t.unclear(unclear);
  if (typeof least !== 'number') return undefined;
  return tooSmall ? t.tooSmall(formatBytes(least)) : t.least(formatBytes(least));
}

/** The smallest file there can be, once somebody is in the field; null where the recipe cannot be planned. */
function useLeast(card: MethodCard, asked: boolean): number | null | undefined {
  const sha256 = useModel((state) => state.view?.sha256);
  const key = useRecipe((state) => benchKey(recipeOf(state)));
  const { data } = useQuery({
    queryKey: ['least bytes', sha256, key],
    queryFn: () => leastBytes(card),
    enabled: asked,
    placeholderData: (before) => before,
  });
  return data;
}
