import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { LatheError } from '../errors/lathe-error.ts';
import type { DataFile, Picture } from './types.ts';

/** Pixels of one picture in millions, beyond which a hostile file would fill the memory. */
const MOST_MEGAPIXELS = 100;
const MOST_MEGABYTES = 1024;

/**
 * The pixels of a PNG or JPEG file, [height, width, channels] of bytes, 1 channel (grey) or 3 (red, green, blue).
 * Transparency is dropped, 16-bit samples keep their upper byte. The same decoder runs in the page and headless, so
 * both see the same numbers.
 * @throws LatheError `image-unreadable`
 */
export function decodePicture({ name, bytes }: DataFile): Picture {
  try {
    return bytes[0] === 0xff ? fromJpeg(bytes) : fromPng(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LatheError(
      'image-unreadable',
      `The picture "${name}" cannot be read (${reason}); save it as PNG or JPEG, or leave it out.`,
    );
  }
}

function fromJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: MOST_MEGAPIXELS,
    maxMemoryUsageInMB: MOST_MEGABYTES,
  });
  return { width, height, channels: 3, data };
}

function fromPng(bytes: Uint8Array): Picture {
  const png = decodePng(bytes);
  const { width, height, depth, palette } = png;
  if (palette !== undefined) {
    const data = convertIndexedToRgb(png);
    return opaque(width, height, data.length / (width * height), data);
  }
  const samples = Uint8Array.from(png.data, eightBits(depth));
  return opaque(width, height, png.channels, samples);
}

/** Samples of another depth as bytes. */
function eightBits(depth: number): (sample: number) => number {
  if (depth === 16) return (sample) => sample >> 8;
  return depth === 8
    ? (sample) => sample
    : (sample) => Math.round((sample * 255) / (2 ** depth - 1));
}

/** Without the last of two or four channels, which says how transparent a pixel is. */
function opaque(width: number, height: number, stored: number, data: Uint8Array): Picture {
  const channels = stored < 3 ? 1 : 3;
  if (stored === channels) return { width, height, channels, data };
  const kept = new Uint8Array(width * height * channels);
  for (let at = 0; at < kept.length; at++) {
    kept[at] = data[Math.floor(at / channels) * stored + (at % channels)];
  }
  return { width, height, channels, data: kept };
}
