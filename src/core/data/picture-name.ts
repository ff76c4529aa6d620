/** Names of files that are pictures. */
export const PICTURE_NAME = /\.(png|jpe?g)$/i;
