/**
 * Writes the small story model (model.onnx) and the batches, optimiser and schedule of its 50 steps
 * (training.json) for `trainer_parity.py`:
 *
 *   npx tsx test/golden/export-training.ts FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '../../src/core/onnx/write.ts';
import * as story from '../support/story-training.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder to write to.');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'model.onnx'), await writeModel(story.storyModel()));
const training = {
  config: story.STORY,
  dims: [story.BATCH, story.LENGTH],
  adamW: story.ADAMW,
  schedule: story.SCHEDULE,
  batches: story.storyBatches(),
};
writeFileSync(join(folder, 'training.json'), JSON.stringify(training));
