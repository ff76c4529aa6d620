/** In every browser with OPFS since 2023; not yet in TypeScript's library. */
interface FileSystemFileHandle {
  move(name: string): Promise<void>;
}
