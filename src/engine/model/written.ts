import { readModel } from '../../core/onnx/read.ts';
import type { ByteSource, Model } from '../../core/onnx/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { sha256Of } from '../hash.ts';
import type { FolderFile } from './folder.ts';

/** A model as it lies in a storage: the graph's file, and data files when it was too large for one. */
export interface WrittenModel {
  readonly file: ByteSource;
  /** By the paths the graph's file knows them under. */
  readonly data: readonly FolderFile[];
}

/** Above this a file is not read into memory whole; its weights go to the device in shards. */
const WHOLE_UP_TO = 1e9;

/** Bytes of all files together. */
export function writtenBytes({ file, data }: WrittenModel): number {
  return data.reduce((sum, { source }) => sum + source.byteLength, file.byteLength);
}

/** Hash of the files one after another, the graph's first: the same as of the opened model. */
export async function writtenSha256({ file, data }: WrittenModel): Promise<string> {
  return sha256Of([file, ...data.map(({ source }) => source)]);
}

export async function readWritten({ file, data }: WrittenModel): Promise<Model> {
  return readModel(file, { external: (path) => data.find((f) => f.path === path)?.source });
}

/** Opens the very bytes where they fit into memory, else the model that is read from them piece by piece. */
export async function openWritten(runtime: Runtime, written: WrittenModel): Promise<Session> {
  const { file, data } = written;
  return data.length === 0 && file.byteLength <= WHOLE_UP_TO
    ? runtime.openBytes(await file.read(0, file.byteLength))
    : runtime.open(await readWritten(written));
}
