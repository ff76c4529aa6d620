import type { ByteSource, TensorData } from '../../core/onnx/types.ts';

/**
 * Named byte sequences that outlive the job: OPFS in a page, a folder headless, memory in tests.
 * Paths are relative, `/`-separated, made of [A-Za-z0-9._-] segments.
 */
export interface Storage {
  /** `undefined` when there is no such file. */
  open(path: string): Promise<ByteSource | undefined>;
  /** All or nothing: a file that was not written to the end is never listed or opened. */
  write(path: string, parts: Iterable<Uint8Array | TensorData>): Promise<void>;
  /**
   * Gives a file another path, in the place of what was there; its bytes are not copied where that can be
   * avoided. All or nothing: when it fails, `from` is as it was and nothing new is at `to`.
   * Throws `storage-missing` when there is no file at `from`.
   */
  move(from: string, to: string): Promise<void>;
  /** Paths of the files under a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
  /** Names of the folders directly in a folder, empty ones too where the host keeps those, sorted. */
  folders(folder: string): Promise<readonly string[]>;
  /** Removes a file, or a folder with all it holds; no error when there is none. */
  remove(path: string): Promise<void>;
  /** Bytes used and available, where the host knows. */
  usage(): Promise<{ readonly usedBytes: number; readonly quotaBytes: number } | undefined>;
}
