/** What a recipe that says nothing about calibration takes: 64 windows of 256 tokens, or 64 examples. */
export const DEFAULT_CALIBRATION = { samples: 64, length: 256 } as const;
