import { ArrowRight } from 'lucide-react';
import type { DocumentLine } from '../../../../../workers/protocol.ts';
import { significant, signed } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { IconButton } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import type { RankedDocument } from './document-order.ts';
import styles from './read.module.css';

interface DocumentPickerProps {
  readonly documents: readonly DocumentLine[];
  readonly order: readonly RankedDocument[];
  readonly value: number;
  readonly onChange: (document: number) => void;
}

/** More lines make a menu nobody reads; the ones that were harmed most come first. */
const MOST = 200;

/** Which document of the evaluation data is read, the one that was harmed most first. */
export function DocumentPicker({ documents, order, value, onChange }: DocumentPickerProps) {
  const at = order.findIndex(({ index }) => index === value);
  const next = order[(at + 1) % order.length];
  const ranked = order.some(({ harm }) => harm !== undefined);
  const choices = order.slice(0, MOST).map(({ index, harm }) => ({
    value: String(index),
    label: tryIt.reading.documentLabel(
      index + 1,
      documents[index].beginning,
      harm === undefined ? undefined : signed(harm, threeDigits(harm)),
    ),
  }));
  return (
    <span className={styles.picker}>
      <span className={styles.name}>{tryIt.reading.document}</span>
      <ChoiceMenu
        label={tryIt.reading.document}
        value={String(value)}
        choices={choices}
        onChange={(chosen) => onChange(Number(chosen))}
      />
      <IconButton
        icon={ArrowRight}
        small
        label={tryIt.reading.next}
        onClick={() => onChange(next.index)}
      />
      {ranked && <small>{tryIt.reading.ordered}</small>}
    </span>
  );
}

function threeDigits(harm: number): string {
  return Math.abs(harm) < 0.995 ? harm.toFixed(3).replace('-', '−') : significant(harm);
}
