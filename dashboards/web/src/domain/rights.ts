// Who may do what, as far as the page can tell before it asks: the station decides.
import type { Who } from '../api/contract';

/** The words of `may` that the page asks for. */
export type Right =
  'act' | 'contacts' | 'people' | 'drill' | 'duty' | 'rules' | 'maintain' | 'park';
/** Why somebody may not: nobody has signed in, the role, or the area. */
export type Lack = 'sign-in' | 'role' | 'area';

/** Why `me` may not; null: they may. `area` null: in no area in particular. */
export function lackOf(me: Who | null, right: Right, area: string | null): Lack | null {
  if (me === null || (!me.signed_in && !me.may.includes(right))) {
    return 'sign-in';
  }
  if (!me.may.includes(right)) {
    return 'role';
  }
  const reaches = me.areas == null || area === null || me.areas.includes(area);
  return reaches ? null : 'area';
}

/** Why `me` may not act on what is in no area, such as a recipient: that is for who has all. */
export function lackOfWhole(me: Who | null): Lack | null {
  const lack = lackOf(me, 'act', null);
  return lack === null && me?.areas != null ? 'area' : lack;
}
