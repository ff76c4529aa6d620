import { z } from 'zod';
import { companion, readJson, type ModelFolder } from './folder.ts';

/** The few fields of a Hugging Face `config.json` that are used; all others pass through unread. */
const ConfigSchema = z.looseObject({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).optional(),
  vocab_size: z.number().int().positive().optional(),
  max_position_embeddings: z.number().int().positive().optional(),
  n_positions: z.number().int().positive().optional(),
  /** Of a decoder whose encoder reads something else. */
  max_target_positions: z.number().int().positive().optional().catch(undefined),
  /** Some write −1 or null for none: that must not make the rest unreadable. */
  pad_token_id: z.int().min(0).optional().catch(undefined),
  id2label: z.record(z.string(), z.string()).optional(),
});

export type ModelConfig = z.infer<typeof ConfigSchema>;

const EMPTY: ModelConfig = {};

/** `config.json` of the folder; an absent or odd one counts as empty (it is only a help). */
export async function readConfig(folder: ModelFolder): Promise<ModelConfig> {
  const file = companion(folder, 'config.json');
  if (file === undefined) return EMPTY;
  const parsed = ConfigSchema.safeParse(await readJson(file));
  return parsed.success ? parsed.data : EMPTY;
}

/** Class names in index order. */
export function labelsOf(config: ModelConfig): readonly string[] | undefined {
  const { id2label } = config;
  if (id2label === undefined) return undefined;
  return Object.keys(id2label)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => id2label[key] ?? key);
}

/** Longest context the model was made for, when it says so. */
export function contextLength(config: ModelConfig): number | undefined {
  return config.max_position_embeddings ?? config.n_positions;
}
