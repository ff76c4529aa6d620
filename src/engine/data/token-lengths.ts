import { tokenInput } from '../../runtime/feeds.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';

/** What BERT and most of its kin were trained with. */
const DEFAULT_LENGTH = 512;
/** Tokens of a short run: a software GPU is a hundred times slower. */
export const SHORT = 24;
/** Tokens that run together; more gain little, and activations of a batch are held at once. */
const TOKENS_TOGETHER = 4096;

export interface TokenOptions {
  /** Most tokens of a text with its special tokens; the model's context may be less. */
  readonly length?: number;
  /** Pad all to the same length, as training graphs need it; else to the longest of a batch. */
  readonly padded?: boolean;
}

/** Most tokens that the model and its tokenizer were made for. */
export function textLength(open: OpenModel, asked = DEFAULT_LENGTH): number {
  const known = [contextLength(open.config), open.tokenizer?.maxLength];
  return Math.min(asked, ...known.filter((length) => length !== undefined));
}

/** The number of tokens that the file fixes, if it does. */
export function fixedLength(ports: readonly PortInfo[]): number | undefined {
  const size = tokenInput(ports)?.dims[1];
  return typeof size === 'number' && size >= 1 ? size : undefined;
}

/** Without a mask, padding would change the answer: texts then run one by one. */
export function hasMask(ports: readonly PortInfo[]): boolean {
  return ports.some(({ name }) => name === 'attention_mask');
}

/** Texts of this length that run together. */
export function together(length: number): number {
  return Math.max(1, Math.floor(TOKENS_TOGETHER / length));
}
