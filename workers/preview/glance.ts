import { lookAhead } from '../../src/core/anatomy/look-ahead.ts';
import { recognise } from '../../src/core/anatomy/recognise.ts';
import { openGraph } from '../../src/core/onnx/prepare/open-graph.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { externalResolver, modelFile } from '../../src/engine/model/folder.ts';
import type { Glance } from '../protocol.ts';
import { weightViews } from '../weight-views.ts';

/**
 * A model at a glance: its graph is read and recognised, its weights are skipped over and not hashed. Half a
 * gigabyte takes a tenth of a second.
 */
export async function glanceAt(folder: ModelFolder): Promise<Glance> {
  const file = modelFile(folder);
  const external = externalResolver(folder, file);
  const stored = await readModel(file.source, { external });
  const { model } = await openGraph(stored);
  await lookAhead(model);
  const anatomy = recognise(model);
  const beside = new Set(
    stored.graph.initializers.flatMap((tensor) => tensor.external?.path ?? []),
  );
  const sources = [file.source, ...[...beside].flatMap((path) => external(path) ?? [])];
  const bytes = sources.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { name: folder.name, bytes, anatomy, ...weightViews(model, anatomy) };
}
