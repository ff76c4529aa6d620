import type { TrainingConfig, TrainingRecord } from './trainer-contract.ts';

/** The paragraph of a README that says how the model was trained. */
export function trainingNote(
  { shape, schedule, adamW, seed }: TrainingConfig,
  record: TrainingRecord,
): string {
  const sequence = shape.length === undefined ? '' : ` of ${shape.length} tokens`;
  const minutes = (record.seconds / 60).toFixed(1);
  return `Trained from seeded random weights (seed ${seed}) by the project's own trainer: ${record.steps} steps
of ${shape.batch} examples${sequence}, AdamW (β₁ ${adamW.beta1}, β₂ ${adamW.beta2}, decay ${adamW.weightDecay}, gradients clipped to norm
${adamW.clipNorm}), learning rate ${schedule.learningRate} after ${schedule.warmup} steps of warm-up, then a cosine; ${minutes} minutes on
${record.threads} CPU threads (${record.device}). The weights of step ${record.bestStep}, the best on validation data, are
shipped. \`training.json\` holds the configuration and the curve.`;
}
