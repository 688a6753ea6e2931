// An operator's page while the rules of a real station change and data come late: a refused rule
// file, other rules, a shadow set, a stuck analyzer, a correction. None of it may be loud.
// Usage: node rules.mjs <siskin binary>. Prints one JSON line a step; ends with 0 when all went as
// it must.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { errorsOf, launch } from './chromium.mjs';
import { RULES, SmallPark } from './park.mjs';

const STEP_MAX_MS = 15_000;
/** How late the late reading is: more than a beat, less than the device's clock may be off. */
const LATE_MS = 3_000;
const RED_PPM = 6;
const HIGH = 'raise_at = 5.0';
const LOWER = 'raise_at = 4.75';

function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

class Check {
  constructor(page, park, { say, picture }) {
    Object.assign(this, { page, park, say, picture });
  }

  async seen(locator) {
    await locator.first().waitFor({ timeout: STEP_MAX_MS });
    return locator.first();
  }

  row(channel, quality) {
    return this.page.locator(
      `[data-testid="channel-row"][data-channel="${channel}"][data-quality="${quality}"]`,
    );
  }

  async refused() {
    const { page, park } = this;
    park.changeRules(HIGH, 'raise_at = "high"');
    const notice = await this.seen(page.getByTestId('rules-refused'));
    const text = await notice.innerText();
    must(text.includes('rules/chlorine.toml:9'), `no file and line in "${text}"`);
    must(text.includes('第 1 版规则继续运行'), `not said what runs: "${text}"`);
    await page.getByTestId('refused-open').click();
    const report = await (await this.seen(page.getByTestId('refused-report'))).innerText();
    must(report.includes('raise_at') && report.includes('help:'), `not the report: "${report}"`);
    await this.picture('rules-refused');
    await page.keyboard.press('Escape');
    await page.getByTestId('sheet').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
    park.changeRules('raise_at = "high"', HIGH);
    await page.getByTestId('rules-refused').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
    this.say('refused', { text });
  }

  async otherRules() {
    const { page, park } = this;
    park.changeRules(HIGH, LOWER);
    const open = page.getByTestId('rules-open');
    await this.seen(open.filter({ hasText: '第 2 版' }));
    await page.getByTestId('channel-rules').click();
    const red = await this.seen(page.locator('[data-testid="rule"][data-rule="chlorine-red"]'));
    await red.locator('summary').click();
    const text = await red.innerText();
    must(text.includes('4.75 ppm'), `the limit is not the new one: "${text}"`);
    must(text.includes(LOWER) && text.includes('made for tests'), `no text or source: "${text}"`);
    const kinds = await page.getByTestId('rule').evaluateAll((all) =>
      all.map((rule) => rule.dataset.kind));
    must(kinds.join() === 'threshold,stuck,no-data', `the rules are ${kinds}`);
    await this.picture('rules');
    await page.getByTestId('sheet-close').click();
    this.say('rules', { text: await open.innerText() });
  }

  async shadow() {
    const files = { 'chlorine.toml': RULES };
    const body = JSON.stringify({ note: '试降限值', files });
    const headers = {
      'content-type': 'application/json', authorization: `Bearer ${this.park.token}`,
    };
    const url = new URL('/api/v1/rules/shadow', this.park.url);
    const answer = await fetch(url, { method: 'POST', headers, body });
    must(answer.ok, `the shadow set was refused: ${answer.status}`);
    const told = await (await this.seen(this.page.getByTestId('shadow'))).innerText();
    must(told.includes('不发预警'), `not said that it warns nobody: "${told}"`);
    this.say('shadow', { text: told });
  }

  async stuck() {
    const { page } = this;
    await this.seen(this.row('at-2-cl2', 'stuck'));
    const item = await this.seen(page.locator('[data-testid="equipment"][data-id="at-2"]'));
    const text = await item.innerText();
    must(text.includes('卡滞报警'), `the alarm has no word: "${text}"`);
    must(await page.getByTestId('warning').count() === 0, 'an equipment alarm became a warning');
    this.say('stuck', { text });
  }

  async corrected(publish) {
    const { page } = this;
    publish(Date.now() - LATE_MS, RED_PPM);
    const told = page.getByTestId('corrections-open').filter({ hasText: '2' });
    await this.seen(told);
    await told.click();
    const rows = page.locator('[data-testid="correction"][data-change="added"]');
    await this.seen(rows.filter({ has: page.locator('xpath=self::*[@data-edge="raise"]') }));
    const edges = await rows.evaluateAll((all) =>
      all.map((row) => `${row.dataset.channel} ${row.dataset.rule} ${row.dataset.edge}`));
    const both = ['at-1-cl2 chlorine-red clear', 'at-1-cl2 chlorine-red raise'];
    must(edges.toSorted().join() === both.join(), `the corrections are ${edges}`);
    const text = await rows.first().innerText();
    must(text.includes('补记') && /\d{2}:\d{2}:\d{2}/.test(text), `not told well: "${text}"`);
    must(await page.getByTestId('warning').count() === 0, 'a correction became a warning');
    must(await page.locator('audio, video').count() === 0, 'the page has a sound');
    await this.picture('corrections');
    await page.reload();
    await this.seen(rows);
    await page.getByTestId('sheet-close').click();
    this.say('corrected', { edges, text });
  }
}

/** All steps, in a browser that the caller closes. `picture` is given the name of each state. */
export async function watchRules(browser, binary, say, picture = async () => {}) {
  const park = new SmallPark();
  try {
    await park.start(binary);
    let beats = 0;
    const publish = park.feed('at-1', () => 0.1 + (beats++ % 2) * 0.02);
    park.feed('at-2', () => 1);
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    const errors = errorsOf(page);
    const check = new Check(page, park, { say, picture: (name) => picture(page, name) });
    await page.goto(`${park.url}?channel=at-1-cl2`);
    await check.seen(check.row('at-1-cl2', 'good'));
    await check.refused();
    await check.otherRules();
    await check.stuck();
    await check.shadow();
    await check.corrected(publish);
    await page.close();
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

/** Pictures of each state into a folder: Chinese and dark, English and light. */
export function picturesInto(folder) {
  return async (page, name) => {
    for (const [lang, theme] of [['zh', 'dark'], ['en', 'light']]) {
      const url = new URL(page.url());
      url.searchParams.set('lang', lang);
      url.searchParams.set('theme', theme);
      const other = await page.context().browser().newPage({ viewport: page.viewportSize() });
      await other.goto(url.href);
      await other.getByTestId('sheet').waitFor({ timeout: STEP_MAX_MS });
      await other.locator('canvas').first().waitFor({ timeout: STEP_MAX_MS });
      await other.screenshot({
        path: join(folder, `${name}-${lang}-${theme}.png`), animations: 'disabled',
      });
      await other.close();
    }
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchRules(browser, binary, say);
  } finally {
    await browser.close();
  }
}
