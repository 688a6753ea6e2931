// The pages of channels and devices in a real browser against a real station: a long list, its
// filter in the address, a channel's page with its log, a device's page with its last frame. One
// operator in Chinese, one in English. axe-core looks at every page.
// Usage: node channels.mjs <siskin binary> [folder for pictures]. Prints one JSON line a step;
// ends with 0 when all went as it must.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { errorsOf, launch } from './chromium.mjs';
import { midas } from './midas.mjs';
import { must, Person, STEP_MAX_MS } from './person.mjs';
import { PASSWORD, StaffedPark } from './staffed.mjs';

const MIDAS_PPM = 0.25;
/** Channels that nobody feeds: the list must be as quick with them. */
const QUIET_CHANNELS = 1_997;
const ALL = QUIET_CHANNELS + 3;
/** Rows drawn at once, however long the list is. */
const DRAWN_MAX = 70;
/** Channels of one request for the last day. */
const ASKED_MAX = 40;

const analyzer = (id, profile, connection, point, more = '') => `
[[analyzer]]
id = "${id}"
name = { zh = "氯气 ${id}", en = "Chlorine ${id}" }
area = "tank-farm"
position = { x_m = 40.0, y_m = 30.0 }
height_m = 1.5
profile = "${profile}"
${connection}
poll_ms = 1000

[[analyzer.channel]]
id = "${id}-cl2"
gas = "chlorine"
unit = "ppm"
point = "${point}"
range = { low = 0.0, high = 50.0 }
resolution = 0.01
${more}
`;
/** Two thousand alarms would be another test. */
const UNWATCHED = 'unwatched = true\nunwatched_reason = "made for tests"';

/** What the park asks of its one Modbus device. */
const MAINTENANCE = `
[[interval]]
kind = "bump-test"
every_days = 90
profile = "honeywell-midas"
source = "SOP-12"
`;
const DAY_MS = 86_400_000;
/** The park's own time. */
const OFFSET_MS = 8 * 3_600_000;

class WidePark extends StaffedPark {
  makePeople(people) {
    super.makePeople(people);
    people(PASSWORD, 'add', 'chen', '--role', 'engineer', '--password-stdin');
  }

  async start(binary) {
    this.midas = await midas(() => MIDAS_PPM);
    await super.start(binary);
  }

  async stop() {
    await super.stop();
    this.midas?.stop();
  }

  writeSite(port) {
    super.writeSite(port);
    const at = `modbus = { host = "127.0.0.1", port = ${this.midas.port}, unit = 1 }`;
    const quiet = Array.from({ length: QUIET_CHANNELS }, (_, i) => {
      const id = `q-${String(i).padStart(4, '0')}`;
      const topic = `mqtt = { topic = "park/${id}/reading" }`;
      return analyzer(id, 'siskin-json', topic, 'value', UNWATCHED);
    });
    writeFileSync(join(this.folder, 'site/maintenance.toml'), MAINTENANCE);
    const path = join(this.folder, 'site/analyzers.toml');
    appendFileSync(path, analyzer('at-9', 'honeywell-midas', at, 'gas') + quiet.join(''));
  }
}

/** One person at their own browser. */
class Looker extends Person {
  constructor(page, say, picture) {
    super(page, say, picture);
    this.asked = [];
    this.errors = errorsOf(page);
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname.endsWith('/buckets')) {
        this.asked.push(url.searchParams.get('channels').split(','));
      }
    });
  }

  line(channel) {
    return this.page.locator(`[data-testid="channel-line"][data-channel="${channel}"]`);
  }
}

async function sit(browser, url, name, lang, more) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const person = new Looker(await context.newPage(), more.say, more.picture);
  await person.page.goto(new URL(`/channels?lang=${lang}`, url).href);
  await person.see(person.id('channels-box'));
  if (name !== null) {
    await person.signIn(name);
  }
  return person;
}

/** Only what is in view is drawn and asked for, wherever somebody scrolls. */
async function longList(wang) {
  await wang.see(wang.line('at-1-cl2').locator('[data-testid="spark"][data-runs="1"]'));
  const count = await wang.text(wang.id('channels-count'));
  must(count.includes(`${ALL}`), `the list says "${count}"`);
  const drawn = await wang.id('channel-line').count();
  must(drawn > 5 && drawn <= DRAWN_MAX, `${drawn} rows are drawn`);
  const rows = await wang.page.locator('table[aria-rowcount]').getAttribute('aria-rowcount');
  must(rows === `${ALL + 1}`, `the table has ${rows} rows`);
  await wang.judge('channels');
  await wang.id('channels-box').evaluate((box) => box.scrollTo(0, box.scrollHeight));
  const last = `q-${String(QUIET_CHANNELS - 1).padStart(4, '0')}-cl2`;
  await wang.see(wang.line(last));
  await wang.see(wang.line(last).locator('[data-testid="spark"][data-runs="0"]'));
  const quality = await wang.line(last).getAttribute('data-quality');
  must(['missing', 'no-data', 'comm-lost'].includes(quality), `a silent channel is ${quality}`);
  must(await wang.id('channel-line').count() <= DRAWN_MAX, 'too many rows at the end');
  const most = Math.max(...wang.asked.map((ids) => ids.length));
  const seen = new Set(wang.asked.flat()).size;
  must(most <= ASKED_MAX, `${most} channels in one request`);
  must(seen < ALL / 4, `${seen} channels were asked for`);
  wang.say('long-list', { drawn, most, seen });
}

/** What is narrowed stands in the address: a reload shows the same. */
async function filter(wang) {
  await wang.id('channels-search').fill('at-9');
  await wang.see(wang.line('at-9-cl2'));
  await wang.page.waitForFunction(
    () => document.querySelectorAll('[data-testid="channel-line"]').length === 1);
  must(new URL(wang.page.url()).searchParams.get('q') === 'at-9', wang.page.url());
  await wang.page.reload();
  await wang.see(wang.line('at-9-cl2'));
  must(await wang.id('channels-search').inputValue() === 'at-9', 'the words are lost');
  await wang.id('channels-search').fill('');
  await wang.id('channels-state').selectOption('calm');
  await wang.see(wang.line('at-1-cl2'));
  const calm = await wang.id('channel-line').count();
  must(calm <= 3, `${calm} calm channels`);
  await wang.id('channels-search').fill('氯气 nothing');
  await wang.see(wang.id('channels-none'));
  await wang.press('channels-clear');
  await wang.see(wang.line('at-2-cl2'));
  must(!new URL(wang.page.url()).searchParams.has('state'), wang.page.url());
  wang.say('filter', { calm });
}

/** Registers of a Modbus device, the payload of one that publishes. */
async function devices(wang) {
  await wang.id('channels-search').fill('at-9');
  await wang.line('at-9-cl2').getByText('应答正常').click({ timeout: STEP_MAX_MS });
  const state = wang.page.locator('[data-testid="device-state"][data-state="answering"]');
  await wang.see(state);
  const facts = await wang.text(wang.id('device-facts'));
  must(facts.includes('Honeywell') && facts.includes(`:${wang.midasPort}`), `facts: "${facts}"`);
  const gas = wang.page.locator('[data-testid="raw-field"][data-point="gas"]');
  const field = await wang.text(gas);
  must(field.includes('0000 3E80') && field.includes('0.25'), `the field says "${field}"`);
  const request = await wang.text(wang.id('raw-request'));
  must(/FC3/.test(request), `the request is "${request}"`);
  await wang.press('raw-hold');
  await wang.judge('device');
  await wang.page.goto(new URL('/devices/at-1?lang=zh', wang.page.url()).href);
  const payload = await wang.text(wang.id('raw-text'));
  must(payload.includes('"value":0.1'), `the payload is "${payload}"`);
  await wang.page.goto(new URL('/devices/nothing?lang=zh', wang.page.url()).href);
  await wang.see(wang.id('device-absent'));
  wang.say('devices', { field, payload });
}

/** Who only looks is not told where devices are. */
async function barred(guest) {
  await guest.page.goto(new URL('/devices/at-9?lang=en', guest.page.url()).href);
  const told = await guest.text(guest.id('device-barred'));
  must(told.includes('Sign in'), `told is "${told}"`);
  must(await guest.id('device-facts').count() === 0, 'the address is shown');
  guest.say('barred', { told });
}

const shown = (person) => person.page.locator('[data-testid="maintenance"]');

/** Faults by their fields, nothing lost when the network fails, and the other sees the entry. */
async function log(wang, li) {
  for (const [person, lang] of [[wang, 'zh'], [li, 'en']]) {
    await person.page.goto(new URL(`/channels/at-9-cl2?lang=${lang}`, person.page.url()).href);
    await person.see(person.id('channel-now').getByText('0.25'));
    await person.see(person.page.locator('canvas'));
    await person.see(person.id('record'));
  }
  await wang.press('maintenance-open');
  await wang.id('field-standard').fill('5 ppm');
  await wang.press('dialog-submit');
  await wang.fault('standard', '请填写数字');
  await wang.fault('after', '必须填写');
  await wang.id('field-standard').fill('5');
  await wang.id('field-before').fill('4.6');
  await wang.id('field-after').fill('5,01');
  await wang.id('field-note').fill('换了滤芯');
  await wang.id('field-next_due_ms').fill('2020/1/1 08:00');
  await wang.press('dialog-submit');
  await wang.fault('next_due_ms', '必须晚于');
  await wang.judge('maintenance-dialog');
  await wang.id('field-next_due_ms').fill('');
  // The network fails once: what was typed must still be there.
  const cut = (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue();
  await wang.page.route('**/maintenance', cut);
  await wang.press('dialog-submit');
  const told = await wang.text(wang.id('dialog-problem'));
  must(told.includes('无法连接'), `the failure is told as "${told}"`);
  must(await wang.id('field-after').inputValue() === '5,01', 'typed values are lost');
  await wang.page.unroute('**/maintenance', cut);
  await wang.press('dialog-submit');
  const entry = await wang.text(shown(wang));
  must(entry.includes('校准') && entry.includes('换了滤芯') && entry.includes('wang'), entry);
  const other = await li.text(shown(li));
  must(other.includes('Calibration') && other.includes('5.01'), `li sees "${other}"`);
  await li.press('maintenance-open');
  await li.id('field-kind').selectOption('repair');
  await li.press('dialog-submit');
  await li.fault('note', 'Say what was found');
  await li.id('field-note').fill('seal changed');
  await li.press('dialog-submit');
  await li.see(li.page.locator('[data-testid="maintenance"][data-kind="repair"]'));
  await wang.see(wang.page.locator('[data-testid="maintenance"][data-kind="repair"]'));
  await wang.judge('channel');
  await li.judge('channel-en');
  wang.say('log', { entry, other });
}

/** Taken out of service from its own page, and put back. */
async function outOfService(li) {
  await li.press('channel-take-out');
  await li.id('field-work_order').fill('W-17');
  await li.id('field-owner').fill('Li');
  await li.id('field-reason').fill('calibration');
  await li.press('dialog-submit');
  await li.see(li.id('channel-out'));
  await li.page.getByRole('link', { name: 'All channels' }).first().click();
  await li.id('channels-search').fill('at-9');
  await li.see(li.line('at-9-cl2').getByTestId('is-out'));
  await li.line('at-9-cl2').getByRole('link').first().click();
  await li.press('channel-put-back');
  await li.id('field-note').fill('done');
  await li.press('dialog-submit');
  await li.see(li.id('channel-take-out'));
  li.say('out-of-service');
}

const dueLine = (person, state) =>
  person.page.locator(`[data-testid="due"][data-kind="bump-test"][data-state="${state}"]`);

async function openList(person, state, lang) {
  await person.page.goto(new URL(`/channels?lang=${lang}&state=${state}`, person.page.url()).href);
  await person.see(person.line('at-9-cl2'));
  must(await person.id('channel-line').count() === 1, `${state} is more than one channel`);
  return person.text(person.line('at-9-cl2').getByTestId('is-due'));
}

/** What the park asks for and nobody wrote: counted, listed, and written by an engineer. */
async function due(chen, wang) {
  await chen.page.goto(new URL('/?lang=en', chen.page.url()).href);
  await chen.see(chen.page.locator('[data-testid="standing-overdue"][data-count="0"]'));
  const count = chen.page.locator('[data-testid="standing-no-record"][data-count="1"]');
  await (await chen.see(count)).click();
  await chen.see(chen.line('at-9-cl2'));
  must(new URL(chen.page.url()).searchParams.get('state') === 'no-record', chen.page.url());
  const none = await openList(wang, 'no-record', 'zh');
  must(none === '无维护记录', `the list says "${none}"`);
  await chen.line('at-9-cl2').getByRole('link').first().click();
  const asked = await chen.text(dueLine(chen, 'no-record'));
  must(asked.includes('SOP-12') && asked.includes('90'), `it is asked for as "${asked}"`);
  await chen.press('maintenance-open');
  await chen.id('field-kind').selectOption('bump-test');
  await chen.id('field-standard').fill('5');
  await chen.id('field-before').fill('4.9');
  const next = new Date(Date.now() + 5 * DAY_MS + OFFSET_MS).toISOString().slice(0, 16);
  await chen.id('field-next_due_ms').fill(next);
  await chen.press('dialog-submit');
  await chen.see(dueLine(chen, 'soon'));
  await chen.gone(dueLine(chen, 'no-record'));
  await chen.judge('due');
  const soon = await openList(wang, 'soon', 'zh');
  must(soon === '维护即将到期', `the list says "${soon}"`);
  await wang.judge('channels-due');
  chen.say('due', { asked, soon });
}

/** `picture(page, name)` is called on every page once it was judged. */
export async function watchChannels(browser, binary, say, picture = async () => {}) {
  const park = new WidePark();
  try {
    await park.start(binary);
    ['at-1', 'at-2'].forEach((id) => park.feed(id, () => 0.1));
    const more = { say, picture };
    const wang = await sit(browser, park.url, 'wang', 'zh', more);
    wang.midasPort = park.midas.port;
    await longList(wang);
    await filter(wang);
    await devices(wang);
    const guest = await sit(browser, park.url, null, 'en', more);
    await barred(guest);
    const li = await sit(browser, park.url, 'li', 'en', more);
    await log(wang, li);
    await outOfService(li);
    const chen = await sit(browser, park.url, 'chen', 'en', more);
    await due(chen, wang);
    // Only the failure that the test made may be told.
    const errors = [wang, guest, li, chen].flatMap((one) => one.errors)
      .filter((error) => !/ERR_FAILED/.test(error));
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

const GUIDE = [['zh', 'dark'], ['en', 'light']];
/** What must be on a page before its picture is taken. */
const READY = { channels: 'spark', device: 'raw-field', channel: 'maintenance' };

/** Pictures of the pages for the guide, each in both languages and themes. */
export function channelsInto(folder) {
  return async (page, name) => {
    if (!(name in READY)) {
      return;
    }
    for (const [lang, theme] of GUIDE) {
      const url = new URL(page.url());
      url.searchParams.set('lang', lang);
      url.searchParams.set('theme', theme);
      const other = await page.context().newPage();
      await other.setViewportSize(page.viewportSize());
      await other.goto(url.href);
      await other.getByTestId(READY[name]).first().waitFor({ timeout: STEP_MAX_MS });
      // The last day of the channels in view has come.
      await other.waitForFunction(
        () => document.querySelector('[data-testid="spark"][data-runs="-1"]') === null);
      await other.screenshot({
        path: join(folder, `${name}-${lang}-${theme}.png`), animations: 'disabled',
      });
      await other.close();
    }
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchChannels(browser, binary, say, folder ? channelsInto(folder) : undefined);
  } finally {
    await browser.close();
  }
}
