import type { BlockDistances } from '../../../../../workers/protocol.ts';
import { structure as t } from '../../../strings/en-structure.ts';
import { blockName } from './block-name.ts';
import styles from './structure-tab.module.css';

interface DistanceMapProps {
  readonly distances: BlockDistances;
  readonly named: boolean;
  readonly onPoint: (words: string | undefined) => void;
}

/** Every pair of places in the residual stream: the darker, the more it turns between them. */
export function DistanceMap({ distances, named, onPoint }: DistanceMapProps) {
  const { stack, blocks, cosines } = distances;
  const last = blocks.length;
  const turned = (i: number, j: number): number => Math.max(0, 1 - cosines[i][j]);
  const most = Math.max(...blocks.map((_, i) => turned(i, last)), 1e-9);
  const place = (at: number): string =>
    at === 0 ? t.entry : t.behind(blockName({ stack, index: blocks[at - 1] }, named));
  return (
    <figure className={styles.distances}>
      <figcaption title={t.distancesHelp}>{t.distances}</figcaption>
      <table aria-label={t.distances}>
        <thead>
          <tr>
            <td />
            {blocks.map((block) => (
              <th key={block} scope="col">
                {block}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {blocks.map((from, i) => (
            <tr key={from}>
              <th scope="row">{from}</th>
              {blocks.map((to, k) => {
                const words = t.distance(place(i), place(k + 1), turned(i, k + 1).toFixed(3));
                return k < i ? (
                  <td key={to} />
                ) : (
                  <td
                    key={to}
                    className={styles.cell}
                    title={words}
                    aria-label={words}
                    data-level={Math.round((4 * turned(i, k + 1)) / most)}
                    onMouseEnter={() => onPoint(words)}
                    onMouseLeave={() => onPoint(undefined)}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.quiet}>{t.distancesHelp}</p>
    </figure>
  );
}
