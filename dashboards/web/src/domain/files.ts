// Files that people add to an incident: what is refused before it is sent. Pure.

/** What a roster may have. */
export const ROSTER_BYTES_MAX = 1024 * 1024;

/** The text of a roster's file, or what is wrong with it: it is UTF-8, or nobody can read it. */
export async function rosterOf(
  file: Pick<File, 'size' | 'arrayBuffer'>,
): Promise<{ text: string } | { fault: 'large' | 'void' | 'binary' }> {
  if (file.size > ROSTER_BYTES_MAX || file.size === 0) {
    return { fault: file.size === 0 ? 'void' : 'large' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? { fault: 'binary' } : { text };
  } catch {
    return { fault: 'binary' };
  }
}

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
