import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelView, ReadQuestion } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { DocumentPicker } from './document-picker.tsx';
import { documentOrder } from './document-order.ts';
import { ReadingText } from './reading-text.tsx';
import { touchesCache, type Sides } from './sides.ts';
import { TextForm } from './text-form.tsx';
import { useFits, useSubject, useTryData } from './use-try.ts';
import styles from './read.module.css';

const SOURCES = ['document', 'own'] as const;
type Source = (typeof SOURCES)[number];

/** Both models read the same text; the first document is read without being asked. */
export function ReadView({ view, sides }: { view: ModelView; sides: Sides }) {
  const { data, error, isLoading } = useTryData(view);
  const fits = useFits(view);
  const documents = data?.documents ?? [];
  const order = documentOrder(documents.length, sides, fits);
  const ownText = view.task === 'language-model' && view.hasTokenizer;
  const [source, setSource] = useState<Source>('document');
  const [picked, setPicked] = useState<number>();
  const [typed, setTyped] = useState<string>();
  const without = !isLoading && documents.length === 0;
  const own = ownText && (source === 'own' || without);
  const document = picked ?? order.at(0)?.index;
  const question = own ? asText(typed) : asDocument(document);
  if (error) return <ErrorNote error={toStudioError(error)} />;
  return (
    <div className={styles.read}>
      <p className={styles.help}>{tryIt.reading.help}</p>
      <div className={styles.controls}>
        {ownText && !without && (
          <Segmented
            label={tryIt.reading.text}
            value={source}
            options={SOURCES.map((value) => ({ value, label: tryIt.reading[value] }))}
            onChange={setSource}
          />
        )}
        {!own && document !== undefined && (
          <DocumentPicker
            documents={documents}
            order={order}
            value={document}
            onChange={setPicked}
          />
        )}
      </div>
      {without && <p className={styles.help}>{tryIt.reading.noDocuments}</p>}
      {own && (
        <TextForm
          label={tryIt.reading.typed}
          placeholder={tryIt.reading.placeholder}
          go={tryIt.reading.go}
          onSubmit={setTyped}
        />
      )}
      {question && <Read question={question} sides={sides} />}
    </div>
  );
}

function asText(text: string | undefined): ReadQuestion | undefined {
  return text === undefined ? undefined : { text };
}

function asDocument(document: number | undefined): ReadQuestion | undefined {
  return document === undefined ? undefined : { document };
}

function Read({ question, sides }: { question: ReadQuestion; sides: Sides }) {
  const { left, right } = sides;
  const subject = useSubject();
  const asked = { ...question, ...(touchesCache(sides) && { cached: true }) };
  const { data, error } = useQuery({
    queryKey: ['read', ...subject, left.id, right.id, asked],
    queryFn: () => clients().engine.readText(right.id, asked, left.id),
  });
  if (error) return <ErrorNote error={toStudioError(error)} />;
  if (data === undefined) {
    return (
      <p className={styles.waiting} role="status">
        {tryIt.reading.loading}
      </p>
    );
  }
  const key = `${left.id} ${right.id} ${JSON.stringify(asked)}`;
  return <ReadingText key={key} reading={data} left={left.name} right={right.name} />;
}
