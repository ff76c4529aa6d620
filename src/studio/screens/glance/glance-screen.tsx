import { useMemo } from 'react';
import type { Glance } from '../../../../workers/protocol.ts';
import { formatBytes, formatCount } from '../../format/format.ts';
import { shortNames } from '../../format/short-names.ts';
import type { Opening } from '../../state/model-store.ts';
import { glance as t } from '../../strings/en-size.ts';
import { en } from '../../strings/en.ts';
import { Button, join } from '../../ui/button.tsx';
import { Legend } from '../studio/size/legend.tsx';
import { partTitle, shareText } from '../studio/size/part-words.ts';
import { sizeGroups, type SizeGroup } from '../studio/size/size-groups.ts';
import { Treemap } from '../studio/size/treemap.tsx';
import tab from '../studio/size/size-tab.module.css';
import columns from '../studio/studio-screen.module.css';
import styles from './glance-screen.module.css';

interface GlanceScreenProps {
  readonly opening: Opening;
  readonly glance: Glance;
  readonly onCancel: () => void;
}

/**
 * Where the bytes of a model are, while it is being read and hashed: laid out as the Studio will be, so that the
 * map stays where it is when that comes.
 */
export function GlanceScreen({ opening, glance, onCancel }: GlanceScreenProps) {
  const groups = useMemo(() => sizeGroups(glance), [glance]);
  return (
    <main className={columns.studio}>
      <h1 className="visually-hidden">{t.heading(glance.name)}</h1>
      <section className={columns.column} aria-label={t.next}>
        <div className={styles.aside}>
          <h2>{t.next}</h2>
          <p>{t.nextText}</p>
        </div>
      </section>
      <section className={join(columns.column, columns.shown)} aria-label={en.evidence.title}>
        <Progress opening={opening} onCancel={onCancel} />
        <div className={join(tab.tab, styles.map)}>
          <div className={tab.toolbar}>
            <Legend groups={groups} whole={glance.bytes} />
          </div>
          <Treemap groups={groups} whole={glance.bytes} />
          <p className={styles.lead}>{t.lead}</p>
        </div>
      </section>
      <section className={columns.column} aria-label={glance.name}>
        <Facts glance={glance} groups={groups} />
      </section>
    </main>
  );
}

function Progress({ opening, onCancel }: Omit<GlanceScreenProps, 'glance'>) {
  const { name, stage, fraction } = opening;
  return (
    <div className={styles.progress} aria-busy>
      <strong>{name}</strong>
      <progress value={fraction} max={1} aria-label={stage} />
      <Button tone="quiet" onClick={onCancel}>
        {en.start.cancel}
      </Button>
    </div>
  );
}

/** How many of the largest parts are listed. */
const LARGEST = 6;

function Facts({ glance, groups }: { glance: Glance; groups: readonly SizeGroup[] }) {
  const { anatomy, bytes, layerBytes } = glance;
  const weights = anatomy.layers.reduce(
    (sum, layer, at) => (layerBytes[at] > 0 ? sum + layer.outFeatures * layer.inFeatures : sum),
    0,
  );
  const facts = [
    [t.file, formatBytes(bytes)],
    [t.layout, anatomy.layout],
    [t.blocks, String(anatomy.blocks.length)],
    [t.layers, String(anatomy.layers.length)],
    [t.weights, formatCount(weights)],
  ] as const;
  const short = shortNames([anatomy.layers.map(({ name }) => name)]);
  const largest = groups.flatMap(({ parts }) => parts).sort((a, b) => b.before - a.before);
  return (
    <div className={styles.aside}>
      <h2>{glance.name}</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2>{t.largest}</h2>
      <dl>
        {largest.slice(0, LARGEST).map((part) => (
          <div key={part.id}>
            <dt title={partTitle(part)}>
              <code>{short.get(part.id) ?? partTitle(part)}</code>
            </dt>
            <dd>
              {formatBytes(part.before)} · {shareText(part.before, bytes)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
