import { readModel } from '../../src/core/onnx/read.ts';
import { readEmbedded } from '../../src/core/report/embed.ts';
import { reportSchema } from '../../src/core/report/schema.ts';
import type { Report } from '../../src/core/report/types.ts';
import {
  externalResolver,
  modelFile,
  readJson,
  type ModelFolder,
} from '../../src/engine/model/folder.ts';
import { partFiles } from '../../src/engine/model/part-files.ts';
import { partOf } from '../../src/engine/model/parts.ts';
import { writtenSha256, type WrittenModel } from '../../src/engine/model/written.ts';
import type { Provenance } from './returned-types.ts';

/** A file made by Lathe with its data files, and what they say. */
export interface Returned extends Provenance {
  readonly written: WrittenModel;
}

/**
 * What a folder's model says about itself; nothing of a model that carries no report. Only the latter's file is
 * hashed: a large model of strangers costs no more than a look at its graph.
 */
export async function returnedFile(folder: ModelFolder): Promise<Returned | undefined> {
  const file = modelFile(folder);
  const model = await readModel(file.source, { external: externalResolver(folder, file) });
  const report = readEmbedded(model)?.report;
  if (report === undefined) return undefined;
  const place = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  const [, ...data] = await partFiles(folder, partOf(file));
  const written: WrittenModel = {
    file: file.source,
    data: data.map(({ path, source }) => ({ path: path.slice(place.length), source })),
  };
  const sha256 = await writtenSha256(written);
  const measured = await measuredReport(folder, sha256);
  return { sha256, report, written, ...(measured && { measured }) };
}

/** The report that an exported folder holds, if it is this file's. */
async function measuredReport(folder: ModelFolder, sha256: string): Promise<Report | undefined> {
  for (const file of folder.files) {
    if (!/(^|\/)lathe-report[^/]*\.json$/.test(file.path)) continue;
    const parsed = reportSchema.safeParse(await readJson(file).catch(() => undefined));
    if (parsed.success && parsed.data.outputSha256 === sha256) return parsed.data;
  }
  return undefined;
}
