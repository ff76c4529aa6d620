import { memo, useMemo, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { textWidth } from '../../../charts/text-width.ts';
import { useSize } from '../../../charts/use-size.ts';
import { formatBytes } from '../../../format/format.ts';
import { shortNames } from '../../../format/short-names.ts';
import { size as t } from '../../../strings/en-size.ts';
import { join } from '../../../ui/button.tsx';
import { groupName, hasBothStacks, partLabel, spokenPart } from './part-words.ts';
import { leftOf, type SizeGroup, type SizePart } from './size-groups.ts';
import {
  NAME_HEIGHT,
  neighbourOf,
  placeGroups,
  type PlacedGroup,
  type PlacedPart,
} from './treemap-layout.ts';
import styles from './treemap.module.css';

export interface TreemapProps {
  readonly groups: readonly SizeGroup[];
  /** Bytes of the file. */
  readonly whole: number;
  /** Font of the words, where it is not the page's. */
  readonly family?: string;
  /** Ids of the selected parts. */
  readonly selected?: readonly string[];
  readonly onPoint?: (part: SizePart | undefined, group?: SizeGroup) => void;
  readonly onSelect?: (part: SizePart) => void;
}

const FONT = 11;
const LINE = 14;
const INSET = 5;
/** Names of groups are bold, and do not run into the next one. */
const NAME_WEIGHT = 550;
const NAME_GAP = 6;
const NOTHING: readonly string[] = [];

/** Areas are bytes of the file as it is; filled is what the recipe leaves of them. */
export function Treemap(props: TreemapProps) {
  const [measure, box] = useSize();
  return (
    <div ref={measure} className={styles.box}>
      {box !== undefined && <TreemapPicture {...props} width={box.width} height={box.height} />}
    </div>
  );
}

type PictureProps = TreemapProps & { readonly width: number; readonly height: number };

/** The map in a size that is known. */
export function TreemapPicture(props: PictureProps) {
  const { groups, whole, family, selected = NOTHING, width, height, onPoint, onSelect } = props;
  const [pointed, setPointed] = useState<string>();
  const layout = useMemo(() => placeGroups(groups, { width, height }), [groups, width, height]);
  const short = useMemo(
    () => shortNames(groups.map(({ parts }) => parts.map(({ id }) => id))),
    [groups],
  );
  const all = layout.flatMap(({ parts, group }) => parts.map((place) => ({ ...place, group })));
  const both = hasBothStacks(groups);
  const point = (id: string | undefined): void => {
    if (id === pointed) return;
    setPointed(id);
    const place = all.find(({ part }) => part.id === id);
    onPoint?.(place?.part, place?.group);
  };
  const select = (id: string | undefined): void => {
    const place = all.find(({ part }) => part.id === id);
    if (place !== undefined) onSelect?.(place.part);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const now = all.find(({ part }) => part.id === (pointed ?? selected[0])) ?? all.at(0);
    if (now === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') select(now.part.id);
    else if (isArrow(event.key)) point((neighbourOf(all, now, event.key) ?? now).part.id);
    else return;
    event.preventDefault();
  };
  return (
    <svg
      className={styles.map}
      width={width}
      height={height}
      role="tree"
      aria-label={t.title}
      aria-activedescendant={pointed === undefined ? undefined : elementId(pointed)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => point(idUnder(event))}
      onPointerLeave={() => point(undefined)}
      onBlur={() => point(undefined)}
      onClick={(event) => select(idUnder(event))}
    >
      {layout.map((place) => (
        <Group key={place.group.id} {...{ place, family }} label={groupName(place.group, both)}>
          {place.parts.map((part) => (
            <Part
              key={part.part.id}
              {...part}
              family={family}
              left={leftOf(part.part, place.group)}
              label={partLabel(part.part, short)}
              spoken={spokenPart(part.part, place.group, whole)}
              selected={selected.includes(part.part.id)}
              pointed={part.part.id === pointed}
            />
          ))}
        </Group>
      ))}
    </svg>
  );
}

function isArrow(key: string): key is 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' {
  return /^Arrow(Left|Right|Up|Down)$/.test(key);
}

function idUnder({ target }: MouseEvent): string | undefined {
  const element = target instanceof Element ? target.closest('[data-part]') : null;
  return element?.getAttribute('data-part') ?? undefined;
}

function elementId(id: string): string {
  return `size-${id.replaceAll(/[^\w.-]/g, '_')}`;
}

interface GroupProps {
  readonly place: PlacedGroup;
  readonly label: string;
  readonly family: string | undefined;
  readonly children: React.ReactNode;
}

function Group({ place, label, family, children }: GroupProps) {
  const { x, y, width, named, group } = place;
  const bytes = formatBytes(group.before);
  const becomes = group.after === undefined ? '' : ` → ${formatBytes(group.after)}`;
  const name = [`${label}  ${bytes}${becomes}`, `${label}  ${bytes}`, label].find(
    (text) => textWidth(text, FONT, family, NAME_WEIGHT) <= width - NAME_GAP,
  );
  return (
    <g role="group" aria-label={`${label}, ${bytes}${becomes}`}>
      {named && name !== undefined && (
        <text className={styles.groupName} x={x + 1} y={y + NAME_HEIGHT - 5} aria-hidden>
          {name}
        </text>
      )}
      {children}
    </g>
  );
}

interface PartProps extends PlacedPart {
  readonly family: string | undefined;
  readonly left: number;
  readonly label: string;
  readonly spoken: string;
  readonly selected: boolean;
  readonly pointed: boolean;
}

const Part = memo(function Part(props: PartProps) {
  const { part, x, y, width, height, left, selected, pointed } = props;
  if (width === 0 || height === 0) return null;
  return (
    <g
      id={elementId(part.id)}
      role="treeitem"
      aria-label={props.spoken}
      aria-selected={selected}
      data-part={part.id}
      data-purpose={part.purpose}
      className={join(styles.part, pointed && styles.pointed)}
      transform={`translate(${x} ${y})`}
    >
      <rect className={styles.whole} width={width} height={height} />
      <rect
        className={styles.left}
        width={width}
        height={height}
        // Not in the style sheet, which a figure does not take along.
        style={{
          transform: `scaleY(${left})`,
          transformBox: 'fill-box',
          transformOrigin: 'bottom',
        }}
      />
      <Words {...props} />
      <rect
        className={styles.edge}
        x={1}
        y={1}
        width={Math.max(0, width - 2)}
        height={Math.max(0, height - 2)}
      />
    </g>
  );
});

/** As much as there is room for: what it is, and what it takes and will take. */
function Words({ part, label, width, height, family }: PartProps) {
  const before = formatBytes(part.before);
  const after = part.after === undefined ? undefined : formatBytes(part.after);
  const sizes = [
    ...(after === undefined || after === before ? [] : [`${before} → ${after}`]),
    before,
  ];
  const size = sizes.find((text) => fits(text, width, family));
  if (height < LINE + 4 || !fits(label, width, family)) return null;
  return (
    <text aria-hidden>
      <tspan x={INSET} y={LINE}>
        {label}
      </tspan>
      {size !== undefined && height >= 2 * LINE + 6 && (
        <tspan className={styles.bytes} x={INSET} y={2 * LINE}>
          {size}
        </tspan>
      )}
    </text>
  );
}

function fits(text: string, width: number, family: string | undefined): boolean {
  return textWidth(text, FONT, family) <= width - 2 * INSET;
}
