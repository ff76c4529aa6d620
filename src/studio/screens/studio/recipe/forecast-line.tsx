import { formatBytes, significant } from '../../../format/format.ts';
import { isCurrent, useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useView } from '../../../state/view-store.ts';
import { recipe as words } from '../../../strings/en-recipe.ts';
import styles from './run-bar.module.css';

/** The size of the recipe on the bench, where the result is on another pane. */
export function ForecastLine() {
  const before = useModel((state) => state.view?.bytes);
  const forecast = useForecast((state) => state.forecast);
  const stale = useForecast((state) => state.stale);
  const current = useForecast(isCurrent);
  const besideIt = useView((state) => state.pane === 'result');
  if (before === undefined || forecast === undefined || besideIt) return null;
  if (forecast.problems.length > 0) return null;
  const { bytes, atMost } = forecast;
  return (
    <p className={styles.forecast} data-stale={current ? undefined : true}>
      <strong>{formatBytes(bytes)}</strong>
      <span>{bytes < before ? words.smaller(significant(before / bytes)) : words.larger}</span>
      <span className={styles.certainty}>
        {stale ? words.computing : atMost ? words.atMost : words.exact}
      </span>
    </p>
  );
}
