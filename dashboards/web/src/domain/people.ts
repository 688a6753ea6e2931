// What the page checks of an account before the station does.
import type { Role } from '../api/contract';
import { type Fault, lengthOf } from './form';

export const ROLES: readonly Role[] = ['viewer', 'bureau', 'operator', 'engineer', 'admin'];

/** The roles a token may have whose owner has `role`: its own, and those that only look. */
export function rolesUpTo(role: Role): Role[] {
  if (role === 'admin') {
    return [...ROLES];
  }
  return ROLES.filter((one) => one === role || one === 'viewer' ||
    (one === 'bureau' && role !== 'viewer'));
}

const PASSWORD_LENGTH_MIN = 15;
const PASSWORD_LENGTH_MAX = 128;

export function accountFault(name: string): Fault | null {
  return /^[a-z][a-z0-9._-]{0,31}$/.test(name) ? null : { key: 'people.nameRule', holes: {} };
}

export function passwordFault(password: string): Fault | null {
  const length = lengthOf(password);
  const fits = length >= PASSWORD_LENGTH_MIN && length <= PASSWORD_LENGTH_MAX;
  return fits ? null : {
    key: 'people.passwordRule', holes: { min: PASSWORD_LENGTH_MIN, max: PASSWORD_LENGTH_MAX },
  };
}
