/** What the test of the page's storage asks of its thread. */
export interface StorageThread {
  write(path: string, values: readonly number[]): Promise<void>;
  /** A write that fails after its first bytes. */
  fail(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  read(path: string): Promise<number[] | undefined>;
  list(folder: string): Promise<readonly string[]>;
  folders(folder: string): Promise<readonly string[]>;
  clear(): Promise<void>;
  /** How many files were written so far, copies included. */
  writes(): Promise<number>;
  /** Whether files may be moved into other folders, or renamed only. */
  mayMove(allowed: boolean): Promise<void>;
}
