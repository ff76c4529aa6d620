import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Shuffle } from 'lucide-react';
import { useState } from 'react';
import type { ModelView, Tagging } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { withoutFile, type Sides } from './sides.ts';
import {
  isShared,
  segmentsOf,
  sharedSegments,
  type Segment,
  type TagSide,
} from './tag-segments.ts';
import { TextForm } from './text-form.tsx';
import { examplesQuery, useSubject, useTryData } from './use-try.ts';
import tab from './try-tab.module.css';
import styles from './tags.module.css';

/** Two token classifiers label the same text; the first example is labelled without being asked. */
export function TagsView({ view, sides }: { view: ModelView; sides: Sides }) {
  const subject = useSubject();
  const { data } = useTryData(view);
  const [turn, setTurn] = useState(0);
  const count = data?.count ?? 0;
  const example = useQuery({
    ...examplesQuery(subject, [turn % Math.max(1, count)]),
    enabled: count > 0,
    placeholderData: keepPreviousData,
  });
  const [typed, setTyped] = useState<string>();
  const given = example.data?.[0]?.text;
  const text = typed ?? given;
  if (!view.hasTokenizer) return <p className={tab.empty}>{tryIt.noTokenizer}</p>;
  if (withoutFile(sides) !== undefined) return null;
  const another = (): void => {
    setTyped(undefined);
    setTurn(turn + 1);
  };
  return (
    <>
      <TextForm
        key={given}
        label={tryIt.tags.text}
        placeholder={tryIt.tags.placeholder}
        go={tryIt.tags.go}
        start={given}
        onSubmit={setTyped}
      >
        {count > 1 && (
          <Button icon={Shuffle} onClick={another}>
            {tryIt.tags.another}
          </Button>
        )}
      </TextForm>
      {text !== undefined && text.trim() !== '' && <Tagged text={text} sides={sides} />}
    </>
  );
}

function Tagged({ text, sides }: { text: string; sides: Sides }) {
  const { left, right } = sides;
  const subject = useSubject();
  const { data, error } = useQuery({
    queryKey: ['tags', ...subject, left.id, right.id, text],
    queryFn: () => clients().engine.tagText(right.id, text, left.id),
  });
  if (error) return <ErrorNote error={toStudioError(error)} />;
  if (data === undefined) return <p role="status">{tryIt.busy}</p>;
  const found = sharedSegments(data);
  const { shared } = found;
  return (
    <>
      <p className={tab.verdict} role="status">
        <strong>{sentence(found, sides)}</strong>
        {data.cut && <small>{tryIt.tags.cut}</small>}
      </p>
      <div className={tab.sides}>
        <Labelled title={left.name} tagging={data} side="left" shared={shared} />
        <Labelled title={right.name} tagging={data} side="right" shared={shared} />
      </div>
    </>
  );
}

function sentence(found: ReturnType<typeof sharedSegments>, { left, right }: Sides): string {
  const same = found.shared.size;
  if (found.left + found.right === 0) return tryIt.tags.none;
  if (same === found.left && same === found.right) return tryIt.tags.same(same);
  return tryIt.tags.differ(same, left.name, found.left, right.name, found.right);
}

interface LabelledProps {
  readonly title: string;
  readonly tagging: Tagging;
  readonly side: TagSide;
  readonly shared: ReadonlySet<string>;
}

function Labelled({ title, tagging, side, shared }: LabelledProps) {
  return (
    <section className={tab.card} aria-label={title}>
      <h2>{title}</h2>
      <p className={styles.text}>
        {segmentsOf(tagging, side).map((segment) => (
          <Stretch key={segment.from} segment={segment} alone={!isShared(segment, shared)} />
        ))}
      </p>
    </section>
  );
}

/** A labelled stretch; a dashed line and words where the other side does not find it. */
function Stretch({ segment, alone }: { segment: Segment; alone: boolean }) {
  const { text, label, probability } = segment;
  if (label === undefined) return <span>{text}</span>;
  const lead = text.length - text.trimStart().length;
  return (
    <>
      {text.slice(0, lead)}
      <mark
        className={styles.stretch}
        data-alone={alone || undefined}
        title={tryIt.tags.confidence(label, probability.toFixed(2))}
      >
        {text.slice(lead)}
        <small>
          {label}
          {alone && ` · ${tryIt.tags.alone}`}
        </small>
      </mark>
    </>
  );
}
