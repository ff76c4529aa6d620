import { readZip } from '../../src/core/data/zip.ts';
import type { ModelFolder } from '../protocol.ts';

/** The files of a `.zip` that holds a model; nothing of any other, which may be pictures. */
export async function unpack(zip: Blob, name: string): Promise<ModelFolder['files'] | undefined> {
  const entries = readZip(new Uint8Array(await zip.arrayBuffer()), name);
  const visible = entries.filter((entry) => !/(^|\/)(\.|__MACOSX\/)/.test(entry.name));
  if (!visible.some((entry) => /\.onnx$/i.test(entry.name))) return undefined;
  return visible.map((entry) => ({
    path: entry.name,
    blob: new Blob([entry.read() as Uint8Array<ArrayBuffer>]),
  }));
}
