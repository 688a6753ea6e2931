// The page's own table of addresses: a page that is new there is walked and pictured too.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { must } from './person.mjs';

const TABLE = fileURLToPath(new URL('../../dashboards/web/src/routes.ts', import.meta.url));
const RED_PPM = 6;

/** Path and name of every route. */
export function routes() {
  const text = readFileSync(TABLE, 'utf8');
  const found = [...text.matchAll(/path: '([^']+)',\s+name: (?:'([^']+)'|OVERVIEW)/g)]
    .map(([, path, name]) => ({ path, name: name ?? 'overview' }));
  must(found.length === [...text.matchAll(/\bpath: '/g)].length, 'a route could not be read');
  return found;
}

/** The address of a route in a language and theme; `examples` fill the part that changes. */
export function addressOfRoute(park, { path, name }, examples, lang, theme) {
  const url = new URL(pathOf(path, name, examples), park.url);
  url.searchParams.set('lang', lang);
  url.searchParams.set('theme', theme);
  return url.href;
}

function pathOf(path, name, examples) {
  if (name === 'nowhere') {
    return '/no/such/page';
  }
  if (!path.includes(':')) {
    return path;
  }
  must(name in examples, `routes.mjs has no example for the route "${name}"`);
  return path.replace(/:\w+/, encodeURIComponent(examples[name]));
}

/** One analyzer far above its limit, one calm; both go on. */
export function feedRed(park) {
  let beats = 0;
  park.feed('at-1', () => RED_PPM + (beats++ % 2) * 0.02);
  park.feed('at-2', () => 0.1 + (beats % 2) * 0.02);
}

/** What the parts of addresses stand for: the warning and the incident that the gas has opened. */
export async function examplesOf(person, park) {
  await person.see(person.warning('active-unacknowledged'));
  const warning = await person.warning('active-unacknowledged').first().getAttribute('data-id');
  const answer = await fetch(new URL('/api/v1/incidents', park.url), {
    headers: { authorization: `Bearer ${park.token}` },
  });
  const incident = (await answer.json()).incidents[0]?.id;
  must(incident !== undefined, 'a red warning opened no incident');
  return { warning, incident, channel: 'at-1-cl2', device: 'at-1' };
}
