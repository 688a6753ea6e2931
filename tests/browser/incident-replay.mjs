// From an incident to its replay, in both languages: the link opens the span of the incident with
// the incident chosen, and the moment is moved by keyboard alone, on the plan and on the map.
// Usage: node incident-replay.mjs <siskin binary> [folder for pictures]. One JSON line a step.

import { alone } from './alone.mjs';
import { partsInto } from './engineer.mjs';
import { must, sit, STEP_MAX_MS } from './person.mjs';
import { StaffedPark } from './staffed.mjs';

const RED_PPM = 6;
const MINUTE_MS = 60_000;
const BANNER = { zh: '回放 — 不是实时', en: 'REPLAY — NOT LIVE' };

/** Moves the slider by a key and gives the moment that is shown then. */
async function moved(person, key, before) {
  await person.id('replay-scrub').focus();
  await person.page.keyboard.press(key);
  await person.page.waitForFunction((was) =>
    document.querySelector('[data-testid="replay-scrub"]').value !== was, before,
  { timeout: STEP_MAX_MS });
  return person.id('replay-scrub').inputValue();
}

async function linked(person, lang) {
  await person.press('page-incidents');
  await person.press('incident-link');
  const id = await (await person.see(person.id('incident-page'))).getAttribute('data-id');
  await person.press('incident-replay');
  const banner = await person.text(person.id('replay-banner'));
  must(banner.includes(BANNER[lang]), `the banner is "${banner}"`);
  const asked = new URL(person.page.url()).searchParams;
  must(asked.get('incident') === id, `the address is ${person.page.url()}`);
  await person.page.waitForFunction(([chosen]) =>
    document.querySelector('[data-testid="field-replay-incident"]').value === chosen, [id],
  { timeout: STEP_MAX_MS });
  const [from, to] = ['from', 'to'].map((name) => Number(asked.get(name)));
  must(to - from >= 11 * MINUTE_MS && from % MINUTE_MS === 0, `the span is ${from} to ${to}`);
  return { id, from, to };
}

async function scrubbed(person, { from, to }) {
  const slider = person.id('replay-scrub');
  must(Number(await slider.inputValue()) === from, 'the replay does not begin at its begin');
  const warnings = person.page.locator('[data-testid="replay-warning"][data-tier="red"]');
  must(await warnings.count() === 0, 'a warning before there was one');
  const step = Number(await slider.getAttribute('step'));
  const one = Number(await moved(person, 'ArrowRight', String(from)));
  must(one === from + step, `one step from ${from} leads to ${one}`);
  const back = Number(await moved(person, 'ArrowLeft', String(one)));
  must(back === from, `one step back leads to ${back}`);
  await person.press('speed-60');
  must(await person.id('speed-60').getAttribute('aria-pressed') === 'true', 'not 60 times as fast');
  // The space bar plays where no field has the focus, and stops what plays.
  await person.page.evaluate(() => document.activeElement?.blur());
  await person.page.keyboard.press('Space');
  await person.page.waitForFunction((was) =>
    Number(document.querySelector('[data-testid="replay-scrub"]').value) > was + 10_000, from,
  { timeout: STEP_MAX_MS });
  await person.page.keyboard.press('Space');
  await person.id('replay-play').filter({ hasText: '▶' }).waitFor({ timeout: STEP_MAX_MS });
  await person.press('replay-moment');
  await person.see(warnings);
  const end = Number(await moved(person, 'End', await slider.inputValue()));
  must(end === to, `the end is ${end}, not ${to}`);
  const begin = Number(await moved(person, 'Home', String(end)));
  must(begin === from, `the begin is ${begin}`);
  await person.gone(warnings.first());
}

/** The same on a map, where it is drawn by the processor. */
async function onTheMap(person) {
  await person.press('map-toggle');
  const plan = person.page.locator('[data-testid="replay"] [data-ground="map"]');
  await plan.waitFor({ timeout: STEP_MAX_MS });
  const before = await person.id('replay-scrub').inputValue();
  await moved(person, 'PageUp', before);
  const marks = person.page.locator('[data-testid="replay"] [data-testid="analyzer"]');
  must(await marks.count() === 2, 'the map has not the analyzers of the plan');
}

/** All steps, in a browser that the caller closes. */
export async function watchReplay(browser, binary, say, picture = async () => {}) {
  const park = new StaffedPark();
  try {
    await park.start(binary);
    park.feedTwo(() => RED_PPM);
    for (const lang of ['zh', 'en']) {
      const person = await sit(browser, park, 'wang', lang, say, picture);
      await person.see(person.warning('active-unacknowledged'));
      const span = await linked(person, lang);
      say(`linked-${lang}`, { id: span.id });
      await scrubbed(person, span);
      say(`scrubbed-${lang}`);
      await onTheMap(person);
      await person.judge(`incident-replay-${lang}`);
      say(`map-${lang}`);
      must(person.errors.length === 0, person.errors.join('\n'));
      await person.page.context().close();
    }
  } finally {
    await park.stop();
  }
}

await alone(import.meta.url, (browser, say, binary, folder) =>
  watchReplay(browser, binary, say, folder ? partsInto(folder) : undefined));
