import type { Value } from '../tensor/values.ts';
import type { PositionLabels } from './position-labels.ts';

/** One file as the user gave it. */
export interface DataFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Texts: language modelling, or classification when there are labels. */
export interface TextDataset {
  readonly kind: 'text';
  readonly name: string;
  readonly documents: readonly string[];
  /** One class index per document. */
  readonly labels?: Int32Array;
  /** One label per document as the file writes it, a class's name or number: see `numberClasses`. */
  readonly writtenLabels?: readonly string[];
}

/** Named input arrays whose first dimension counts the examples. */
export interface ExampleDataset {
  readonly kind: 'examples';
  readonly name: string;
  readonly arrays: Readonly<Record<string, Value>>;
  /** One class index per example. */
  readonly labels?: Int32Array;
  /** In place of these: a class per position. */
  readonly positionLabels?: PositionLabels;
  readonly count: number;
  /** Where rows differ in length. */
  readonly ragged?: Ragged;
}

/** Rows of tokens of different lengths: their arrays [count, longest] are filled up with zeros at the end. */
export interface Ragged {
  /** The arrays that are filled up; the others are as long in every row. */
  readonly names: readonly string[];
  /** Real numbers of each row. */
  readonly lengths: Int32Array;
}

/** The pixels of one image: bytes [height, width, channels]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: red, green, blue. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Pictures as they are stored, in sizes of their own: the model says what they must become. */
export interface PictureDataset {
  readonly kind: 'pictures';
  readonly name: string;
  readonly pictures: readonly Picture[];
  /** One class index per picture. */
  readonly labels?: Int32Array;
  /** The folder that each lies in. */
  readonly writtenLabels?: readonly string[];
}

/** What a file may hold; {@link PictureDataset} becomes examples once a model is there. */
export type StoredDataset = Dataset | PictureDataset;

/** Source texts, and for each what is to be made of it: translations, summaries, answers. */
export interface PairDataset {
  readonly kind: 'pairs';
  readonly name: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
}

export type Dataset = TextDataset | ExampleDataset | PairDataset;

/** A piece of text as a language model sees it, with what is scored in it. */
export interface TokenWindow {
  readonly ids: Int32Array;
  /**
   * The tokens ids[t] with t ≥ firstCounted (≥ 1) are predicted and scored; the ones before are
   * context only. Every token of the text is scored in at most one window.
   */
  readonly firstCounted: number;
  /** Index of the document (always 0 in stream mode): the unit of independence for errors. */
  readonly document: number;
}

export interface WindowOptions {
  /** Most tokens of one window. */
  readonly length: number;
  /**
   * 'stream' (default): all documents one after another, cut every `stride` tokens.
   * 'documents': each document is one window of its own, cut off at `length`.
   */
  readonly mode?: 'stream' | 'documents';
  /** Tokens from one window's start to the next; `length` (no shared context) unless stated. */
  readonly stride?: number;
  /** Most windows. */
  readonly limit?: number;
  /** Begin each document with the tokenizer's start token; true unless stated, if it has one. */
  readonly bos?: boolean;
  /** Keep windows shorter than `length`; true unless stated. */
  readonly partial?: boolean;
}
