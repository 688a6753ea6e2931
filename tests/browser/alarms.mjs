// The table of alarms with ten thousand rows, its files, and the replay, in a real browser against
// a real station whose alarms were all made by readings.
// Usage: node alarms.mjs <siskin binary> <folder for the exported files> [folder for pictures].
// Prints one JSON line a step; ends with 0 when all went as it must.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { seriousOf } from './axe.mjs';
import { errorsOf, launch } from './chromium.mjs';
import { SmallPark } from './park.mjs';

const STEP_MAX_MS = 30_000;
const SEED_MAX_MS = 420_000;
const ROWS = 10_000;
const RED_PPM = 6;
const CALM_PPM = 0.1;
/** Alarms of an analyzer at once, and how often. */
const BURST = 4;
const BURST_EVERY_MS = 20;
/** Between two readings of a calm analyzer. */
const BEAT_MS = 250;
const PAGE = 2_000;
const SCROLLS = 60;

function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

class AlarmPark extends SmallPark {
  /** Ten thousand warnings on the console say nothing. */
  log = 'error';

  async get(path) {
    const answer = await fetch(new URL(`/api/v1${path}`, this.url));
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  }

  /** How many alarms are on record. */
  async count(query = '') {
    let [all, after] = [0, ''];
    for (;;) {
      const page = await this.get(`/alarm-records?limit=${PAGE}${query}${after}`);
      all += page.records.length;
      if (page.next == null) {
        return all;
      }
      after = `&after=${page.next}`;
    }
  }

  /** Two analyzers that speak; each stamp is later than the one before. */
  begin() {
    this.begunMs = Date.now();
    this.publishers = ['at-1', 'at-2'].map((id) => {
      const args = ['-h', '127.0.0.1', '-p', `${this.port}`, '-q', '1', '-t', `park/${id}/reading`];
      const child = this.run('mosquitto_pub', [...args, '-l'], 'pipe');
      let lastMs = 0;
      return (value) => {
        lastMs = Math.max(Date.now(), lastMs + 1);
        const reading = { ts: lastMs, value, unit: 'ppm', status: 'ok' };
        child.stdin.write(`${JSON.stringify(reading)}\n`);
      };
    });
    this.timers.push(setInterval(() => {
      this.publishers.forEach((publish) => publish(this.ppm ?? CALM_PPM));
    }, BEAT_MS));
  }

  /** Alarms that begin and end within milliseconds, until there are as many as asked for. */
  async flicker(rows) {
    const deadline = Date.now() + SEED_MAX_MS;
    for (let turn = 0; ; turn += 1) {
      for (const publish of this.publishers) {
        for (let i = 0; i < BURST; i += 1) {
          publish(RED_PPM);
          publish(CALM_PPM);
        }
      }
      await pause(BURST_EVERY_MS);
      if (turn % 250 === 249) {
        const count = await this.count('&tier=red');
        must(Date.now() < deadline, `only ${count} alarms came of themselves`);
        if (count >= rows) {
          return count;
        }
      }
    }
  }
}

class Reader {
  constructor(page, say, picture) {
    Object.assign(this, { page, say, picture });
  }

  id(name) {
    return this.page.getByTestId(name);
  }

  async see(locator) {
    await locator.first().waitFor({ timeout: STEP_MAX_MS });
    return locator.first();
  }

  /** Waits until something in the page holds. */
  async until(what, test, ...given) {
    await this.page.waitForFunction(test, given, { timeout: STEP_MAX_MS }).catch(() => {
      throw new Error(`it never came: ${what}`);
    });
  }

  /** The table has this many rows, the heading left out. */
  async rows(least, most = Number.MAX_SAFE_INTEGER) {
    await this.until(`${least} to ${most} rows`, ([low, high]) => {
      const grid = document.querySelector('[data-testid="alarm-grid"]');
      const count = Number(grid?.getAttribute('aria-rowcount')) - 1;
      return count >= low && count <= high;
    }, least, most);
  }

  async judge(name) {
    const found = await seriousOf(this.page);
    must(found.length === 0, `${name}: ${found.join('\n')}`);
    await this.picture(this.page, name);
    this.say(`axe ${name}`);
  }
}

/** Scrolls through all rows; tells how long the longest tasks were. Few rows are ever drawn. */
async function scroll(one, count) {
  const debug = await one.page.context().newCDPSession(one.page);
  // Time of the thread, not of the clock: a busy machine makes tasks long that are not.
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const workedS = async () => {
    const { metrics } = await debug.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const before = await workedS();
  const found = await one.page.evaluate(async (steps) => {
    const tasks = [];
    const observer = new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((entry) => entry.duration));
    });
    observer.observe({ entryTypes: ['longtask'] });
    const body = document.querySelector('[data-testid="alarm-grid"]');
    let drawn = 0;
    for (let i = 1; i <= steps; i += 1) {
      body.scrollTop = (body.scrollHeight * i) / steps;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      drawn = Math.max(drawn, document.querySelectorAll('[data-testid="alarm-row"]').length);
    }
    observer.disconnect();
    const over = tasks.filter((ms) => ms > 100).length;
    return { drawn, longTasks: tasks.length, over100ms: over, longestMs: Math.max(0, ...tasks) };
  }, SCROLLS);
  must(found.drawn < 200, `${found.drawn} rows are drawn`);
  await one.until('the last row', () => {
    const grid = document.querySelector('[data-testid="alarm-grid"]');
    grid.scrollTop = grid.scrollHeight;
    const last = `[data-testid="alarm-row"][aria-rowindex="${grid.getAttribute('aria-rowcount')}"]`;
    return document.querySelector(last) !== null;
  });
  const cpuMsAStep = Math.round(((await workedS()) - before) * 1_000 / SCROLLS);
  one.say('scrolled', { rows: count, ...found, steps: SCROLLS, cpuMsAStep });
}

async function keys(one, count) {
  await one.id('alarm-grid').focus();
  const rowAt = () => one.id('alarm-grid').evaluate((grid) => {
    const at = document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
    return Number(at?.getAttribute('aria-rowindex'));
  });
  await one.page.keyboard.press('End');
  await one.until('End leads far down', ([least]) => {
    const grid = document.querySelector('[data-testid="alarm-grid"]');
    const at = document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
    return Number(at?.getAttribute('aria-rowindex')) >= least;
  }, count);
  for (const [key, step] of [['ArrowUp', -1], ['ArrowDown', 1]]) {
    const before = await rowAt();
    await one.page.keyboard.press(key);
    const after = await rowAt();
    must(after - before === step, `${key} leads from row ${before} to ${after}`);
  }
  await one.page.keyboard.press('Home');
  must(await rowAt() === 2, `Home leads to row ${await rowAt()}`);
  await one.page.keyboard.press('Enter');
  await one.page.waitForURL(/\/warnings\//, { timeout: STEP_MAX_MS });
  await one.page.goBack();
  await one.rows(count);
  one.say('keys', { opened: 'warning' });
}

/** Filters stand in the address, a reload shows the same, and the way back undoes them. */
async function filters(one, park, count) {
  await one.id('field-alarm-channel').selectOption('at-1-cl2');
  await one.page.waitForURL(/of=at-1-cl2/, { timeout: STEP_MAX_MS });
  await one.id('tab-returned').click();
  await one.page.waitForURL(/tab=returned/, { timeout: STEP_MAX_MS });
  await one.id('sort-channel').click();
  await one.page.waitForURL(/sort=channel/, { timeout: STEP_MAX_MS });
  const wanted = await park.count('&channel=at-1-cl2&state=returned-unacknowledged');
  must(wanted > 100, `only ${wanted} alarms came back`);
  await one.page.reload();
  await one.rows(wanted);
  await one.see(one.id('alarm-row'));
  const channels = await one.id('alarm-row').evaluateAll((rows) =>
    rows.map((row) => row.dataset.channel));
  must(channels.every((id) => id === 'at-1-cl2'), `others are shown: ${channels}`);
  const order = one.page.locator('[role="columnheader"][aria-sort="ascending"]');
  await one.see(order);
  await one.page.goBack();
  await one.page.goBack();
  await one.page.waitForURL((url) => !url.search.includes('tab='), { timeout: STEP_MAX_MS });
  await one.id('field-alarm-text').fill('nothing is called so');
  await one.rows(0, 0);
  await one.id('alarm-clear').click();
  await one.rows(count);
  one.say('filtered', { returned: wanted });
}

/** Alarms that come do not move what somebody reads. */
async function still(one, park) {
  const place = () => one.page.evaluate(() => {
    const grid = document.querySelector('[data-testid="alarm-grid"]');
    const middle = grid.getBoundingClientRect().top + grid.clientHeight / 2;
    const rows = [...document.querySelectorAll('[data-testid="alarm-row"]')];
    const row = rows.find((each) => each.getBoundingClientRect().bottom > middle);
    return { text: row.innerText, y: row.getBoundingClientRect().y - middle };
  });
  // Rows that have just come may not have their height yet: then there is nothing to scroll.
  await one.until('rows in the middle', () => {
    const grid = document.querySelector('[data-testid="alarm-grid"]');
    grid.scrollTop = 4_000;
    const middle = grid.getBoundingClientRect().top + grid.clientHeight / 2;
    const rows = [...document.querySelectorAll('[data-testid="alarm-row"]')];
    return grid.scrollTop > 3_000
      && rows.some((row) => row.getBoundingClientRect().bottom > middle);
  });
  const before = await place();
  const count = await park.count('&tier=red');
  await park.flicker(count + 1);
  await one.rows(count + 1);
  const after = await place();
  must(before.text === after.text && Math.abs(before.y - after.y) < 2,
    `the row moved: ${JSON.stringify([before, after])}`);
  one.say('still', { before: count });
}

async function exports(one, folder) {
  for (const format of ['csv', 'xlsx']) {
    const download = one.page.waitForEvent('download', { timeout: STEP_MAX_MS });
    await one.id(`export-${format}`).click();
    const file = await download;
    await file.saveAs(join(folder, `alarms.${format}`));
    one.say('exported', { format, name: file.suggestedFilename() });
  }
}

/** The warning has come back: a new alarm calls people again. */
async function returned(park) {
  const deadline = Date.now() + 120_000;
  while ((await park.get('/warnings')).some(({ state }) => state.startsWith('active'))) {
    must(Date.now() < deadline, 'the warning never returns');
    await pause(500);
  }
}

async function replay(one, park) {
  await one.page.goto(new URL('/replay?lang=zh&theme=dark', park.url).href);
  await one.id('field-replay-to').fill('');
  await one.id('replay-load').click();
  const fault = await (await one.see(one.id('fault-replay-to'))).innerText();
  must(fault.includes('结束时间'), `the fault is "${fault}"`);
  const at = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  await one.id('field-replay-from').fill(at(park.begunMs - 120_000));
  await one.id('field-replay-to').fill(at(Date.now() + 60_000));
  await one.id('replay-load').click();
  const banner = await (await one.see(one.id('replay-banner'))).innerText();
  must(banner.includes('回放 — 不是实时') && banner.includes('REPLAY — NOT LIVE'), banner);
  await one.id('replay-moment').first().click({ timeout: STEP_MAX_MS });
  const then = one.page.locator('[data-testid="replay-warning"][data-tier="red"]');
  await one.see(then);
  await one.judge('replay');
  await one.id('replay-scrub').focus();
  await one.page.keyboard.press('Home');
  await then.first().waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  await one.see(one.page.locator('[data-testid="replay"] [data-testid="analyzer"]'));
  const begin = await one.id('replay-time').innerText();
  await one.id('speed-60').click();
  await one.id('replay-play').click();
  await one.until('time goes on', ([text]) =>
    document.querySelector('[data-testid="replay-time"]').innerText !== text, begin);
  await returned(park);
  await one.id('replay-play').click();
  await one.id('replay-play').click();
  park.ppm = RED_PPM;
  await one.see(one.id('replay-live'));
  await one.judge('replay-interrupted');
  const paused = await one.id('replay-play').innerText();
  must(paused.includes('播放'), `the replay is not paused: "${paused}"`);
  one.say('replayed', { begin });
}

export async function watchAlarms(
  browser, binary, say, folder, picture = async () => {}, rows = ROWS,
) {
  const park = new AlarmPark();
  try {
    await park.start(binary);
    park.begin();
    const count = await park.flicker(rows);
    say('seeded', { count });
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
    const page = await context.newPage();
    const errors = errorsOf(page);
    const one = new Reader(page, say, picture);
    await page.goto(new URL('/alarms?lang=zh&theme=dark&tier=red', park.url).href);
    await one.rows(count);
    await one.judge('alarms');
    await scroll(one, count);
    await keys(one, count);
    await filters(one, park, count);
    await still(one, park);
    await exports(one, folder);
    await page.goto(new URL('/alarms?lang=en&theme=light&tab=all', park.url).href);
    await one.rows(count);
    await one.judge('alarms-en');
    await page.goto(new URL('/kpis?lang=en&theme=light', park.url).href);
    await one.see(one.id('kpi-about'));
    await one.judge('kpis-page');
    await replay(one, park);
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

/** Pictures for the guide, of what `watchAlarms` looks at. */
export function alarmsInto(folder) {
  return async (page, name) => {
    const url = new URL(page.url());
    const look = `${url.searchParams.get('lang')}-${url.searchParams.get('theme')}`;
    const path = join(folder, `${name.replace(/-en$/, '')}-${look}.png`);
    await page.screenshot({ path, animations: 'disabled' });
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, files, pictures] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchAlarms(browser, binary, say, files, pictures ? alarmsInto(pictures) : undefined);
  } finally {
    await browser.close();
  }
}
