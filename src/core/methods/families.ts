/** The families of methods with their titles, in the order in which they are offered. */
export const FAMILIES = {
  quantization: 'Quantization',
  pruning: 'Pruning',
  'low-rank': 'Low rank',
  sharing: 'Sharing',
  tuning: 'Tuning',
  distillation: 'Distillation',
} as const;

export type Family = keyof typeof FAMILIES;

/** All families, in the order of {@link FAMILIES}. */
export const FAMILY_ORDER = Object.keys(FAMILIES) as readonly Family[];
