// What must hold of a page that is looked at by night: it sounds until somebody acknowledges, says so
// when it may not, shows a warning at once, greys what is late, is covered when the line is cut,
// and shows nothing twice when it is back. Then the same page on other screens (`screens.mjs`).
// Usage: node live.mjs <siskin binary> [folder for pictures]. Prints one JSON line a step; ends with
// 0 when all went as it must.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { errorsOf, launch } from './chromium.mjs';
import { hears, hearsNothing, isHeard, watchPage } from './hearing.mjs';
import { Line } from './line.mjs';
import { addressOf } from './park.mjs';
import { raises, shownAfter } from './raised.mjs';
import { lookAt } from './screens.mjs';
import { PASSWORD, StaffedPark } from './staffed.mjs';

const STEP_MAX_MS = 20_000;
const CALM_PPM = 0.1;
const YELLOW_PPM = 3;
const RED_PPM = 6;
/** Pitches of the page's own patterns (`sound/patterns.ts`). */
const HZ = { yellow: 640, red: 960, lost: 390 };
/** The period of the analyzers of the small park; the second one keeps it exactly. */
const PERIOD_MS = 1_000;
const IS_IDLE = process.env.SISKIN_IDLE !== undefined;
/**
 * Periods from the stamp of the last value until it is drawn stale. Two are promised from when it
 * came; a machine that builds beside it may take two more.
 */
const LATE_PERIODS_MAX = IS_IDLE ? 2.2 : 4;

export function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

const YELLOW = `
[[rule]]
id = "chlorine-yellow"
name = { zh = "氯气 黄色", en = "Chlorine yellow" }
kind = "threshold"
gas = "chlorine"
tier = "yellow"
unit = "ppm"
raise_at = 2.0
clear_below = 1.8
source = "made for tests"
`;

/** A warning may come and go as fast as the test likes. */
const QUICK = '[warnings]\nchatter_guard = false\n';

/** Two tiers, two analyzers whose values a test sets. */
class LivePark extends StaffedPark {
  ppm = { 'at-1': CALM_PPM, 'at-2': CALM_PPM };
  lastAtMs = {};

  async start(binary) {
    this.binary = binary;
    await super.start(binary);
    for (const [id, beatMs] of [['at-1', PERIOD_MS / 4], ['at-2', PERIOD_MS]]) {
      // Never quite the same value: it must not count as stuck.
      let beats = 0;
      this.feed(id, () => {
        beats += 1;
        this.lastAtMs[id] = Date.now();
        return this.ppm[id] + (beats % 2) * 0.01;
      }, beatMs);
    }
  }

  writeSite(port) {
    super.writeSite(port);
    appendFileSync(join(this.folder, 'site/site.toml'), QUICK);
    this.changeRules('[[rule]]\nid = "chlorine-red"', `${YELLOW}\n[[rule]]\nid = "chlorine-red"`);
  }

  /** The second analyzer says nothing any more. */
  hush() {
    clearInterval(this.timers[1]);
  }

  get station() {
    return this.programs.find(({ spawnargs }) => spawnargs.includes('run'));
  }

  /** Ends the station without a word and starts it anew; it listens elsewhere then. */
  async killAndStart() {
    const old = this.station;
    const ended = new Promise((resolve) => old.once('exit', resolve));
    old.kill('SIGKILL');
    await ended;
    this.programs.splice(this.programs.indexOf(old), 1);
    const { folder } = this;
    const args = ['run', join(folder, 'site'), '--data', join(folder, 'data')];
    this.url = await addressOf(this.run(this.binary, args, 'ignore'));
  }
}

/** When the station told each warning on its stream, by a client of its own. */
async function listen(url, told) {
  const answer = await fetch(new URL('/api/v1/events', url));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ done: true }));
    if (done) {
      return;
    }
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks.filter((one) => /^event: ?warning$/m.test(one))) {
      const { warning } = JSON.parse(/^data: ?(.*)$/m.exec(block)[1]);
      told[`${warning.id} ${warning.tier}`] ??= Date.now();
    }
  }
}

async function blocked(page, say) {
  await page.getByTestId('sound-blocked').waitFor({ timeout: STEP_MAX_MS });
  must(await page.getByTestId('sound-open').getAttribute('data-state') === 'blocked', 'no word');
  await page.getByTestId('sound-allow').click();
  await page.getByTestId('sound-blocked').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  must(!(await isHeard(page)), 'it sounds although nothing calls');
  say('sound-allowed');
}

async function shownWithin(page, park, told, tier, say) {
  const { item, key, shownAtMs, afterMs } = await shownAfter(page, park, tier);
  must(told[key] !== undefined, `the stream did not tell ${key}`);
  say('shown', { tier, after_raise_ms: afterMs, after_told_ms: shownAtMs - told[key] });
  return item;
}

async function sounds(page, park, told, say) {
  const raisedAtMs = Date.now();
  park.ppm['at-1'] = YELLOW_PPM;
  await shownWithin(page, park, told, 'yellow', say);
  await hears(page, HZ.yellow, raisedAtMs, STEP_MAX_MS);
  await page.getByTestId('silence').click();
  await hearsNothing(page, STEP_MAX_MS);
  const left = await page.getByTestId('silenced').innerText();
  must(/已消音，\d+ 秒后恢复/.test(left), `the silence says "${left}"`);
  const state = await page.locator('[data-testid="warning"]').getAttribute('data-state');
  must(state === 'active-unacknowledged', `a silence made it ${state}`);
  say('silenced');

  const risenAtMs = Date.now();
  park.ppm['at-1'] = RED_PPM;
  const item = await shownWithin(page, park, told, 'red', say);
  await hears(page, HZ.red, risenAtMs, STEP_MAX_MS);
  say('rose');

  await item.getByTestId('ack-open').click();
  await page.getByTestId('sign-in-name').fill('wang');
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('ack-who').getByText('wang').waitFor({ timeout: STEP_MAX_MS });
  must(await isHeard(page), 'it fell quiet before anybody acknowledged');
  await page.getByTestId('ack-submit').click();
  await hearsNothing(page, STEP_MAX_MS);
  must(await item.getAttribute('data-state') === 'active-acknowledged', 'quiet, and open');
  say('acknowledged');
}

/** When an analyzer was drawn stale, as far as the page was watched. */
const staleOf = async (page) =>
  (await page.evaluate(() => window.conditions)).filter(({ quality }) => quality === 'stale');

async function late(page, park, say) {
  const before = await staleOf(page);
  must(!IS_IDLE || before.length === 0, `healthy and stale: ${JSON.stringify(before)}`);
  park.hush();
  const mark = page.locator('[data-testid="analyzer"][data-id="at-2"]');
  await mark.and(page.locator('[data-quality="stale"]')).waitFor({ timeout: STEP_MAX_MS });
  must(await mark.locator('[fill="url(#hatch)"]').count() === 1, 'late, and not hatched');
  const lastAtMs = park.lastAtMs['at-2'];
  const { atMs } = (await staleOf(page)).find((one) => one.id === 'at-2' && one.atMs > lastAtMs);
  const periods = (atMs - lastAtMs) / PERIOD_MS;
  must(periods > 1, `stale ${periods} periods after its last value: none was due yet`);
  must(periods < LATE_PERIODS_MAX, `stale ${periods} periods after its last value`);
  say('late', { periods, stale_before: before.length });
  const count = page.locator('[data-testid="standing-stale"][data-count="1"]');
  await count.click();
  await page.locator('[data-testid="coverage-stale"] [data-id="at-2-cl2"]').waitFor();
  await count.click();
  await page.getByTestId('sheet').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
}

/** The page is covered, and afterwards shows what the station has, each thing once. */
async function cut(page, park, line, name, away, say) {
  const cover = page.getByTestId('overlay-lost');
  const cutAtMs = Date.now();
  line.cut();
  await cover.waitFor({ state: 'visible', timeout: STEP_MAX_MS });
  const afterMs = await page.evaluate(() => window.coveredAtMs) - cutAtMs;
  await hears(page, HZ.lost, cutAtMs, STEP_MAX_MS);
  await cover.getByTestId('silence').click();
  await hearsNothing(page, STEP_MAX_MS);
  await away();
  line.to(park.url);
  line.mend();
  await cover.waitFor({ state: 'hidden', timeout: STEP_MAX_MS });

  const open = await (await fetch(new URL('/api/v1/warnings?scope=open', park.url))).json();
  const ids = await page.locator('[data-testid="warning"]').evaluateAll(
    (items) => items.map((item) => item.dataset.id));
  must(ids.toSorted().join() === open.map(({ id }) => id).toSorted().join(), `shown: ${ids}`);
  const told = await page.evaluate(() => window.told);
  must(told.every((seq, i) => i === 0 || seq > told[i - 1]), `told out of order: ${told}`);
  say(name, { covered_after_ms: Math.round(afterMs), told: told.length, open: ids.length });
}

export async function watchLive(browser, binary, say, picture = async () => {}) {
  const park = new LivePark();
  const line = new Line();
  const told = {};
  try {
    await park.start(binary);
    const url = await line.open(park.url);
    void listen(park.url, told);
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    const errors = errorsOf(page);
    await page.addInitScript(watchPage);
    await page.goto(`${url}?lang=zh`);
    await page.getByTestId('standing').waitFor({ timeout: STEP_MAX_MS });
    await blocked(page, say);
    const to = (ppm) => () => {
      park.ppm['at-1'] = ppm;
    };
    await raises(page, park, 'yellow', { rise: to(YELLOW_PPM), fall: to(CALM_PPM) }, say);
    await sounds(page, park, told, say);
    await late(page, park, say);
    await cut(page, park, line, 'cut', async () => {
      park.ppm['at-1'] = CALM_PPM;
      await page.waitForTimeout(1_000);
      park.ppm['at-1'] = RED_PPM;
    }, say);
    await cut(page, park, line, 'killed', () => park.killAndStart(), say);
    const bad = errors.filter((error) => !/net::ERR_/.test(error));
    must(bad.length === 0, bad.join('\n'));
    await page.close();
    await lookAt(browser, park, say, picture);
  } finally {
    line.close();
    await park.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  // No leave to play: the page must ask for it.
  const browser = await launch({ mayPlay: false });
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    const picture = async (page, name) => {
      if (folder) {
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
      }
    };
    await watchLive(browser, binary, say, picture);
  } finally {
    await browser.close();
  }
}
