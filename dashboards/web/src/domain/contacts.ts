// What somebody types into the contact book. Pure; the station checks it again.
import type { Contact } from '../api/contract';
import type { Fault } from './form';

/** An id as the station takes it: letters, digits, minus and underscore. */
export function contactFault(id: string): Fault | null {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id) ? null : { key: 'contacts.idRule', holes: {} };
}

/** One telephone number a line; empty lines are nothing. */
export function phonesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
}

/** All that is kept of somebody, in one line; it is the same in both languages. */
export function contactWords({ name, organisation, phones, email, note }: Contact): string {
  const parts = [name, organisation, ...phones, email ?? '', note];
  return parts.filter((part) => part !== '').join(' · ');
}
