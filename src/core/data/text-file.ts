import { LatheError } from '../errors/lathe-error.ts';
import type { DataFile, TextDataset } from './types.ts';

/** The line that separates documents. */
export const DOCUMENT_SEPARATOR = '<|endoftext|>';

/**
 * The text of a file, line ends made "\n". @throws LatheError `data-not-text` if it is not UTF-8
 */
export function decodeText({ name, bytes }: DataFile): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.replaceAll('\r\n', '\n');
  } catch {
    throw new LatheError(
      'data-not-text',
      `The file "${name}" is not UTF-8 text, so it cannot be read as such; save it as UTF-8.`,
    );
  }
}

/**
 * A text file as documents: lines that hold only `<|endoftext|>` separate them; a file without such
 * a line is one document. Blank lines around a document are dropped, everything else is kept.
 * @throws LatheError `data-not-text`, `data-empty`
 */
export function parseText(file: DataFile): TextDataset {
  const documents = decodeText(file)
    .split(/^<\|endoftext\|>$/m)
    .map((document) => document.trimEnd().replace(/^\s*\n/, ''))
    .filter((document) => document !== '');
  if (documents.length === 0) throw emptyData(file.name);
  return { kind: 'text', name: file.name, documents };
}

/** The texts that a model answers one by one: the documents, or the lines of a lone one without labels. */
export function singleTexts(dataset: TextDataset): TextDataset {
  const { documents, labels, writtenLabels } = dataset;
  if (documents.length !== 1 || labels !== undefined || writtenLabels !== undefined) return dataset;
  const lines = documents[0].split('\n').filter((line) => line.trim() !== '');
  return { ...dataset, documents: lines.length > 0 ? lines : documents };
}

/** The text of a file that {@link parseText} reads back as the same documents. */
export function formatText(documents: readonly string[]): string {
  return `${documents.join(`\n${DOCUMENT_SEPARATOR}\n`)}\n`;
}

export function emptyData(name: string): LatheError {
  return new LatheError('data-empty', `The data "${name}" is empty; choose a file with contents.`);
}
