import { problems } from '../problems.ts';
import type { ExternalLocation, MetadataEntry, TensorData } from '../types.ts';

/** The bytes behind a location, so that a location left on a tensor with new bytes is noticed. */
const dataOf = new WeakMap<ExternalLocation, TensorData>();
/** All entries as read (checksums and the like), written back with an unchanged location. */
const entriesOf = new WeakMap<ExternalLocation, readonly MetadataEntry[]>();

export function rememberLocation(
  location: ExternalLocation,
  data: TensorData,
  entries?: readonly MetadataEntry[],
): void {
  dataOf.set(location, data);
  if (entries) entriesOf.set(location, entries);
}

/** False when the tensor was given other bytes than those that lie at `location`: then they are written inline. */
export function holdsData(location: ExternalLocation, data: TensorData): boolean {
  const known = dataOf.get(location);
  return known === undefined || known === data;
}

/** The `external_data` entries that say where the bytes lie. */
export function locationEntries(location: ExternalLocation): readonly MetadataEntry[] {
  return (
    entriesOf.get(location) ?? [
      { key: 'location', value: location.path },
      { key: 'offset', value: String(location.offset) },
      { key: 'length', value: String(location.length) },
    ]
  );
}

/** Reads the entries; `byteLength` stands in for an absent length. */
export function parseLocation(
  name: string,
  entries: readonly MetadataEntry[],
  byteLength: number,
): ExternalLocation {
  const values = new Map(entries.map(({ key, value }) => [key, value]));
  const path = values.get('location');
  if (path === undefined) throw problems.externalNoPath(name);
  const number = (key: string, fallback: number) => {
    const value = values.get(key);
    if (value === undefined) return fallback;
    if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw problems.externalEntry(name, key, value);
    }
    return Number(value);
  };
  return { path, offset: number('offset', 0), length: number('length', byteLength) };
}

/** The path without `.` parts; refuses any that is absolute, names a drive or scheme, or climbs out. */
export function safePath(name: string, path: string): string {
  const parts = path.split(/[\\/]/);
  const absolute = parts[0] === '' || /^[a-z][a-z0-9+.-]*:/i.test(path);
  if (absolute || parts.includes('..') || path.includes('\0')) {
    throw problems.externalPath(name, path);
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
