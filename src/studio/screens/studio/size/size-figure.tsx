import { FIGURE_FONT } from '../../../charts/figure.ts';
import { textWidth } from '../../../charts/text-width.ts';
import { formatBytes } from '../../../format/format.ts';
import { size as t } from '../../../strings/en-size.ts';
import { purposeTotals, type Purpose, type SizeGroup } from './size-groups.ts';
import { TreemapPicture } from './treemap.tsx';
import styles from './treemap.module.css';

interface SizeFigureProps {
  readonly groups: readonly SizeGroup[];
  readonly whole: number;
  /** Bytes of the file after the recipe, where that is known. */
  readonly after: number | undefined;
  readonly model: string;
  /** As it is to be printed. */
  readonly date: string;
}

const SIZE = { width: 960, height: 640 } as const;
const SIDE = 24;
const HEAD = 88;
const FOOT = 36;
const KEY = 12;

/** The map for a paper or a page: it says itself what it is of, from when, and how to read it. */
export function SizeFigure({ groups, whole, after, model, date }: SizeFigureProps) {
  const becomes = after === undefined ? '' : ` → ${formatBytes(after)}`;
  const width = SIZE.width - 2 * SIDE;
  return (
    <svg {...SIZE} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={t.title}>
      <rect {...SIZE} fill="var(--surface-2)" />
      <text x={SIDE} y={28} fill="var(--text)" fontSize={16} fontWeight={600}>
        {t.figure.title(model)}
      </text>
      <text x={SIDE} y={48} fill="var(--text-2)" fontSize={12}>
        {`${formatBytes(whole)}${becomes} · ${t.figure.drawn(date)}`}
      </text>
      <Keys groups={groups} />
      <svg x={SIDE} y={HEAD} width={width} height={SIZE.height - HEAD - FOOT} fontSize={11}>
        <TreemapPicture
          {...{ groups, whole, width }}
          family={FIGURE_FONT}
          height={SIZE.height - HEAD - FOOT}
        />
      </svg>
      <text x={SIDE} y={SIZE.height - 14} fill="var(--text-3)" fontSize={11}>
        {after === undefined ? t.legendBefore : t.legend}
      </text>
    </svg>
  );
}

function Keys({ groups }: { readonly groups: readonly SizeGroup[] }) {
  const names = purposeTotals(groups).map(({ purpose }) => purpose);
  const room = (purpose: Purpose): number =>
    KEY + 6 + textWidth(t.groups[purpose], KEY, FIGURE_FONT) + 20;
  return names.map((purpose, i) => {
    const x = SIDE + names.slice(0, i).reduce((sum, before) => sum + room(before), 0);
    return (
      <g key={purpose} data-purpose={purpose} className={styles.part}>
        <rect x={x} y={62} width={KEY} height={KEY} fill="var(--fill)" />
        <text x={x + KEY + 6} y={72} fill="var(--text-2)" fontSize={12}>
          {t.groups[purpose]}
        </text>
      </g>
    );
  });
}
