import { createSHA256 } from 'hash-wasm';

/** A SHA-256 under way. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The digest in hex; nothing can be added after it. */
  digest(): string;
}

/** The one call of Node's standard library that is used here; this layer also runs in pages. */
interface NodeCrypto {
  createHash(algorithm: 'sha256'): {
    update(bytes: Uint8Array): unknown;
    digest(encoding: 'hex'): string;
  };
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:crypto'): NodeCrypto | undefined;
}

/** The platform's SHA-256 where it can be fed piece by piece (Node; 7 times faster), else hash-wasm's. */
export async function createHasher(): Promise<Hasher> {
  const hash = nodeCrypto()?.createHash('sha256');
  if (hash !== undefined) {
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  }
  const wasm = await createSHA256();
  return { update: (bytes) => void wasm.update(bytes), digest: () => wasm.digest('hex') };
}

/** Whether pieces go to the platform's own SHA-256. */
export function hashesNatively(): boolean {
  return nodeCrypto() !== undefined;
}

function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.('node:crypto');
}

/** SHA-256 (hex) of bytes that are in memory whole, by the platform; undefined where it has none to offer. */
export async function digestWhole(bytes: Uint8Array): Promise<string | undefined> {
  const { crypto } = globalThis as { crypto?: Crypto };
  // Pages that are not served securely have no `subtle`.
  const subtle: SubtleCrypto | undefined = crypto?.subtle;
  if (subtle === undefined) return undefined;
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
