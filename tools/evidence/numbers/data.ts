import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatText } from '../../../src/core/data/text-file.ts';
import { loadTokenizer, type Tokenizer } from '../../../src/core/text/tokenizer.ts';
import { readImages, select, SIDE } from '../../gallery/handwriting/images.ts';
import { splitImages, type Split } from '../../gallery/handwriting/split.ts';
import { asRead, mailTable } from '../../gallery/mail/table.ts';
import { readMails } from '../../gallery/mail/mails.ts';
import { splitMails } from '../../gallery/mail/mail.ts';
import { openMaterial } from '../../gallery/material.ts';
import { passagesOf } from '../../gallery/prose/passages.ts';
import { tokenSentences } from '../../gallery/prose/sentences.ts';
import { splitSpeeches } from '../../gallery/prose/speeches.ts';
import { shuffled } from '../../gallery/shuffle.ts';
import { writeNpz } from '../../samples/npz.ts';
import { SAMPLES } from '../../samples/shelf.ts';

/**
 * Data to heal on: what the sample itself was trained on, as far as it can be had, never its evaluation. Written once
 * into the scratch folder. Gives `sample:NAME` (its calibration data) where there is nothing more.
 */
export function healingData(name: string, scratch: string): string {
  const make = MAKERS[name];
  if (make === undefined) return `sample:${name}`;
  const folder = join(scratch, 'data');
  const path = join(folder, make.file);
  if (existsSync(path)) return path;
  const content = make.content();
  if (content === undefined) return `sample:${name}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, content);
  return path;
}

interface Maker {
  readonly file: string;
  readonly content: () => string | Uint8Array | undefined;
}

/** Seeds of the gallery: they decide which speeches and mails are for training. */
const SEED = 11;
const PASSAGES = 640;
const IMAGES = 20000;

const MAKERS: Readonly<Record<string, Maker>> = {
  prose: { file: 'speeches.txt', content: () => speeches(256) },
  'gpt2-like': { file: 'speeches-128.txt', content: () => speeches(128) },
  mail: { file: 'mails.csv', content: mails },
  handwriting: { file: 'handwriting-trained.npz', content: () => images('pixel_values') },
  digits: { file: 'digits-trained.npz', content: () => images('image') },
};

function tokenizerOf(name: string): Tokenizer {
  const json = (file: string): unknown =>
    JSON.parse(readFileSync(join(SAMPLES, name, file), 'utf8'));
  return loadTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
}

function speeches(length: number): string {
  const tokenizer = tokenizerOf('prose');
  const { training } = splitSpeeches(openMaterial(), SEED);
  const some = shuffled(training, SEED, 'healing').slice(0, 60);
  const passages = some.flatMap((text) => passagesOf(tokenSentences(text, tokenizer), length, 0));
  const count = (PASSAGES * 256) / length;
  return formatText(
    shuffled(passages, SEED, 'healing')
      .slice(0, count)
      .map(({ text }) => text),
  );
}

function mails(): string {
  const tokenizer = tokenizerOf('mail');
  const { training } = splitMails(readMails(openMaterial()));
  return mailTable(training.map((mail) => asRead(mail, tokenizer, 128)));
}

/** Some of the images that the handwriting model was trained on, where the material folder has them. */
function images(input: string): Uint8Array | undefined {
  return imagesOf(input, ({ training }) => shuffled(training, SEED, 'healing').slice(0, IMAGES));
}

function imagesOf(
  input: string,
  which: (split: Split) => readonly number[],
): Uint8Array | undefined {
  try {
    const all = readImages(openMaterial(), 'train');
    const indices = which(splitImages(all.labels.length));
    const { pixels, labels } = select(all, indices);
    return writeNpz({
      [input]: { dims: [indices.length, 1, SIDE, SIDE], data: pixels },
      labels: { dims: [indices.length], data: labels },
    });
  } catch {
    return undefined;
  }
}

/**
 * Images that neither the handwriting model nor what is healed here was trained on, and that no recipe was chosen by:
 * those that chose among the model's own epochs. Undefined without the material folder.
 */
export function unseenImages(scratch: string): string | undefined {
  const path = join(scratch, 'data', 'handwriting-unseen.npz');
  if (existsSync(path)) return path;
  const content = imagesOf('pixel_values', ({ validation }) => validation);
  if (content === undefined) return undefined;
  mkdirSync(join(scratch, 'data'), { recursive: true });
  writeFileSync(path, content);
  return path;
}
