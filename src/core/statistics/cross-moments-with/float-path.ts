/** Moments between what the model before a step feeds a layer and what the part compressed so far does. */
export const FLOAT_PATH_MOMENTS = { kind: 'cross moments with', other: 'float path' } as const;
