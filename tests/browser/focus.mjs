// What runs in the page while somebody goes through it by Tab. Each function is sent there as
// text, so none may use what lies around it; they share `window.walk`.

/** Notes what Tab must reach; gives how many places that are. */
export function prepare() {
  const PLACES = 'a[href], button, input, select, textarea, summary, [tabindex]';
  const isPlace = (one) => one.tabIndex >= 0 && !one.disabled
    && one.closest('[inert]') === null && one.checkVisibility({ visibilityProperty: true });
  const places = () => [...document.querySelectorAll(PLACES)].filter(isPlace);
  window.walk = { places, before: new Set(places()), passed: new Set() };
  document.activeElement?.blur();
  return window.walk.before.size;
}

/** Where the focus is now; null: outside of the page. */
export function focusNow() {
  const one = document.activeElement;
  if (one === null || one === document.body) {
    return null;
  }
  const { passed, last } = window.walk;
  // A date has places of its own within: it is left when something else has the focus.
  const isAgain = passed.has(one) && one !== last;
  passed.add(one);
  window.walk.last = one;
  // The browser has scrolled to it; what was read meanwhile may have pushed it away again.
  one.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { top, left, bottom, right, width, height } = one.getBoundingClientRect();
  const isWithin = bottom > 0 && right > 0 && top < window.innerHeight && left < window.innerWidth;
  const middle = (low, high, end) => (Math.max(low, 0) + Math.min(high, end)) / 2;
  const seen = document.elementFromPoint(
    middle(left, right, window.innerWidth), middle(top, bottom, window.innerHeight));
  // A drawn mark is hollow, so that its middle may belong to what is behind it.
  const isFree = seen !== null && (one.contains(seen) || seen.contains(one)
    || one instanceof SVGElement);
  const style = getComputedStyle(one);
  // What stands on the plan is drawn: it has a ring instead of an outline.
  const ring = one.querySelector?.(':scope .target');
  const isMarked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1)
    || (ring != null && getComputedStyle(ring).stroke !== 'none');
  const html = one.outerHTML.slice(0, 160);
  const isSeen = width > 0 && height > 0 && isWithin && isFree;
  return { isAgain, isMarked, isSeen, what: html };
}

/** What was there all the time and never had the focus. One of a group of radios is enough. */
export function unreached() {
  const { places, before, passed } = window.walk;
  const groups = new Set([...passed].filter((one) => one.type === 'radio').map(({ name }) => name));
  return places()
    .filter((one) => before.has(one) && !passed.has(one))
    .filter((one) => one.type !== 'radio' || !groups.has(one.name))
    .map((one) => one.outerHTML.slice(0, 160));
}
