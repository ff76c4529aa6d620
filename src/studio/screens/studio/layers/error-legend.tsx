import { layers as t } from '../../../strings/en-layers.ts';
import { join } from '../../../ui/button.tsx';
import type { LayerRow } from './layer-rows.ts';
import type { ShownErrors } from './use-errors.ts';
import styles from './errors.module.css';

interface ErrorWords {
  readonly title: string;
  readonly help: string;
  /** Errors of outputs and of weights are in one table. */
  readonly mixed: boolean;
}

/** Output error and weight error are two things, named apart wherever they stand. */
export function errorWords(rows: readonly LayerRow[], { of, name }: ShownErrors): ErrorWords {
  const kinds = new Set(rows.flatMap(({ errorKind }) => errorKind ?? []));
  const mixed = kinds.size > 1;
  const help = [
    ...(kinds.has('output') ? [t.outputHelp] : []),
    ...(kinds.has('weight') ? [t.weightHelp] : []),
    ...(of === 'other' ? [t.ofOther(name ?? '')] : []),
  ].join('\n');
  if (kinds.size === 0) return { title: t.columns.error, help: t.noErrors, mixed };
  const title = mixed ? t.bothErrors : kinds.has('weight') ? t.weightError : t.outputError;
  return { title, help, mixed };
}

/** What the marks mean, and whose errors they are. */
export function ErrorLegend({ rows, shown }: { rows: readonly LayerRow[]; shown: ShownErrors }) {
  if (rows.every(({ error }) => error === undefined)) {
    return <span className={styles.legend}>{t.noErrors}</span>;
  }
  const foreign = shown.of === 'other';
  return (
    <span className={join(styles.legend, foreign && styles.foreign)}>
      <span>
        <i aria-hidden /> {t.method}
      </span>
      {rows.some(({ baselineError }) => baselineError !== undefined) && (
        <span>
          <i className={styles.tick} aria-hidden /> {t.baseline}
        </span>
      )}
      {foreign && <strong>{t.ofOther(shown.name ?? '')}</strong>}
      {shown.of === 'run' && <span>{t.ofRun}</span>}
    </span>
  );
}
