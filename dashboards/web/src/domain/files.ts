// Files that people add to an incident: what is refused before it is sent. Pure.

/** As the station refuses it. */
export const FILE_BYTES_MAX = 20 * 1024 * 1024;
const NAME_LENGTH_MAX = 200;

export function fileFault(file: { name: string; size: number }): 'large' | 'void' | 'long' | null {
  if (file.size === 0) {
    return 'void';
  }
  if (file.size > FILE_BYTES_MAX) {
    return 'large';
  }
  return Array.from(file.name).length > NAME_LENGTH_MAX ? 'long' : null;
}

/** A size as people read it: 3 significant figures at most. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits).replace(/\.0$/, '')} ${units[unit] ?? ''}`;
}
