import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { storiesModel } from '../../test/support/stories.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { externalize, writeModel } from '../../src/core/onnx/write.ts';
import { modelFolder } from '../../src/cli/files/model-folder.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { modelView } from '../engine/model-view.ts';
import { glanceAt } from './glance.ts';

const sample = (name: string): string =>
  fileURLToPath(new URL(`../../public/samples/${name}`, import.meta.url));

describe('a glance at a model', () => {
  it.each(['stories', 'mail', 'digits'])('says of %s what its opening says', async (name) => {
    const folder = await modelFolder(sample(name));
    const { bytes, anatomy, tensors, layerBytes } = await modelView(await openModel(folder));
    const glance = await glanceAt(folder);
    // Whether the head is the embedding once more takes a comparison of bytes, which a glance leaves out.
    expect({ ...glance, anatomy: { ...glance.anatomy, tiedHead: anatomy.tiedHead } }).toEqual({
      name: folder.name,
      ...{ bytes, anatomy, tensors, layerBytes },
    });
    expect(layerBytes).toHaveLength(anatomy.layers.length);
    expect(layerBytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(bytes);
  });

  it('counts the bytes beside the graph, and reads next to nothing of them', async () => {
    const { model, files } = externalize(storiesModel().model, { path: 'model.onnx_data' });
    const graph = await writeModel(model);
    const beside = files.reduce(
      (sum, file) => sum + file.parts.reduce((s, part) => s + part.byteLength, 0),
      0,
    );
    let read = 0;
    const source = {
      byteLength: beside,
      read: (_: number, length: number) => {
        read += length;
        return Promise.resolve(new Uint8Array(length));
      },
    };
    const glance = await glanceAt({
      name: 'stories',
      origin: 'file',
      files: [
        { path: 'model.onnx', source: bytesSource(graph) },
        { path: 'model.onnx_data', source },
      ],
    });
    expect(glance.bytes).toBe(graph.byteLength + beside);
    expect(glance.anatomy.layers).toHaveLength(37);
    // A row of what may be a mask or move channels about: recognition looks at few numbers.
    expect(read).toBeLessThan(beside / 50);
  });
});
