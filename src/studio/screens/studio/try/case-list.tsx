import { useVirtualizer } from '@tanstack/react-virtual';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { useSize } from '../../../charts/use-size.ts';
import { tryIt } from '../../../strings/en-try.ts';
import type { Place } from './answers.ts';
import { Case } from './case.tsx';
import type { Sides } from './sides.ts';
import { examplesQuery, useSubject } from './use-try.ts';
import styles from './answers.module.css';

interface CaseListProps {
  readonly places: readonly Place[];
  readonly sides: Sides;
  readonly labels: readonly string[] | undefined;
}

const GAP = 8;
const NARROWEST = 248;
const ROW = 126;

/** As many examples as there are: only the rows in sight exist, and only their pictures and texts are fetched. */
export function CaseList({ places, sides, labels }: CaseListProps) {
  const list = useRef<HTMLDivElement | null>(null);
  const [measure, size] = useSize();
  const [margin, setMargin] = useState(0);
  const columns = Math.max(1, Math.floor(((size?.width ?? 0) + GAP) / (NARROWEST + GAP)));
  const scroller = (): HTMLElement | null => list.current?.closest('[data-scrolls]') ?? null;
  // eslint-disable-next-line react-hooks/incompatible-library -- we do not use the compiler
  const virtual = useVirtualizer({
    count: Math.ceil(places.length / columns),
    getScrollElement: scroller,
    estimateSize: () => ROW,
    gap: GAP,
    overscan: 2,
    scrollMargin: margin,
  });
  // What stands above the list moves it.
  useLayoutEffect(() => {
    const [own, outer] = [list.current?.getBoundingClientRect(), scroller()];
    if (own && outer) setMargin(own.top - outer.getBoundingClientRect().top + outer.scrollTop);
  }, [size?.width]);
  if (places.length === 0) return <p className={styles.none}>{tryIt.answers.nothing}</p>;
  return (
    <div
      ref={(element) => {
        list.current = element;
        return measure(element);
      }}
    >
      <div
        className={styles.list}
        role="list"
        aria-label={tryIt.answers.list}
        style={{ height: virtual.getTotalSize() }}
      >
        {size &&
          virtual.getVirtualItems().map(({ key, index, start }) => (
            <div
              key={`${columns} ${key}`}
              ref={virtual.measureElement}
              data-index={index}
              className={styles.row}
              role="presentation"
              style={{
                transform: `translateY(${start - margin}px)`,
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              }}
            >
              <Row
                places={places.slice(index * columns, (index + 1) * columns)}
                sides={sides}
                labels={labels}
              />
            </div>
          ))}
      </div>
    </div>
  );
}

function Row({ places, sides, labels }: CaseListProps) {
  const subject = useSubject();
  const { data } = useQuery(
    examplesQuery(
      subject,
      places.map(({ index }) => index),
    ),
  );
  return places.map((place, at) => (
    <Case key={place.index} place={place} example={data?.[at]} sides={sides} labels={labels} />
  ));
}
