// What engineers do on their page, against a real station: write a rule with an error and mend it,
// lose the page and find the text again, complete, make and remove files, test, backtest a range and
// an incident, compare, propose; a second person confirms and goes back. One in Chinese and one in
// English; axe-core looks at every part.
// Usage: node engineer.mjs <siskin binary> [folder for pictures]. Prints one JSON line a step; ends
// with 0 when all went as it must.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { errorsOf, launch } from './chromium.mjs';
import { EngineeredPark } from './engineering.mjs';
import { must, Person, STEP_MAX_MS } from './person.mjs';
import { filesOf, secondFile } from './rulefiles.mjs';

/** Above the limit that is proposed, below the one that runs. */
const BETWEEN_PPM = 4.9;
/** Above every limit. */
const RED_PPM = 6;
const FILES = ['chlorine-yellow.toml', 'chlorine.toml'];

/** One engineer at their own browser. */
class Engineer extends Person {
  /** What changes the rules asks for a second press. */
  async pressTwice(name) {
    await this.press(name);
    await this.press(name);
  }

  /** Writes `text` in place of a whole line of the editor, by the keyboard. */
  async rewrite(line, text) {
    const found = this.page.locator('.cm-line').filter({ hasText: line });
    await (await this.see(found)).click();
    await this.page.keyboard.press('End');
    await this.page.keyboard.press('Shift+Home');
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press('Escape');
  }

  async verdict(isSound) {
    const mark = `[data-testid="check-verdict"][data-sound="${isSound}"]`;
    return (await this.see(this.page.locator(mark))).innerText();
  }
}

async function opened(engineer) {
  await engineer.press('page-engineer');
  const rows = engineer.id('rule-state');
  await engineer.see(rows.filter({ hasText: 'ppm' }));
  must(await rows.count() === 3, `${await rows.count()} rules are shown`);
  const red = engineer.page.locator('[data-testid="rule-state"][data-rule="chlorine-red"]');
  const text = await red.innerText();
  must(text.includes('5 ppm') && text.includes('%'), `no limit and margin: "${text}"`);
  await red.getByRole('button').click();
  await engineer.see(engineer.id('channel-state').nth(1));
  engineer.say('states', { text });
}

async function wrong(engineer) {
  await engineer.rewrite('raise_at = 5.0', 'raise_ad = 5.0');
  const told = await engineer.see(engineer.id('inline-finding').filter({ hasText: 'raise_ad' }));
  const text = await told.innerText();
  must(text.includes('规则中有未知的键'), `not told in Chinese: "${text}"`);
  must(text.includes('是否应为 `raise_at`'), `no hint: "${text}"`);
  await engineer.verdict(false);
  await engineer.judge('engineer-write');
  engineer.say('refused', { text });
}

async function lostAndFound(engineer) {
  await engineer.page.reload();
  await engineer.see(engineer.id('restored'));
  await engineer.see(engineer.page.locator('.cm-line').filter({ hasText: 'raise_ad = 5.0' }));
  engineer.say('restored');
}

async function mended(engineer) {
  const { page } = engineer;
  await engineer.rewrite('raise_ad = 5.0', 'raise_at = 4.75');
  const verdict = await engineer.verdict(true);
  await engineer.id('inline-finding').first().waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Space');
  const options = page.locator('.cm-tooltip-autocomplete li');
  await engineer.see(options.filter({ hasText: 'on_delay_s' }));
  const text = (await options.allInnerTexts()).join('\n');
  must(text.includes('报警延时'), `the keys have no meaning: "${text}"`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await engineer.verdict(true);
  engineer.say('mended', { verdict });
}

async function tested(engineer) {
  await engineer.press('part-test');
  const deadline = Date.now() + STEP_MAX_MS;
  // A station on a busy machine may say that it could not answer in time: then it is asked again.
  while (await engineer.id('tests-told').count() === 0 && Date.now() < deadline) {
    await engineer.press('run-tests');
  }
  const text = await (await engineer.see(engineer.id('tests-told'))).innerText();
  must(text.includes('通过 1') && text.includes('失败 0'), `the tests said "${text}"`);
  await engineer.judge('engineer-tests');
  engineer.say('tested', { text });
}

async function backtested(engineer, park, publish) {
  const atMs = Date.now();
  publish(atMs, BETWEEN_PPM);
  await park.stored('at-1-cl2', atMs, BETWEEN_PPM);
  await engineer.press('part-backtest');
  await engineer.press('backtest-begin');
  const done = engineer.page.locator('[data-testid="backtest-found"][data-state="done"]');
  await engineer.see(done);
  const text = await (await engineer.see(engineer.id('differences'))).innerText();
  const added = Number(/新增 (\d+)/.exec(text)?.[1]);
  must(added >= 1, `no alarm was added: "${text}"`);
  await engineer.see(engineer.page.locator('[data-testid="alarm-change"][data-change="added"]'));
  await engineer.see(done.locator('canvas'));
  await engineer.judge('engineer-backtest');
  engineer.say('backtest', { text });
}

/** A warning opens an incident, and its warning is what both sets have to find. */
async function ofIncident(engineer, park, publish) {
  publish(Date.now(), RED_PPM);
  await engineer.see(engineer.id('warning-strip'));
  await park.incident();
  await engineer.press('part-write');
  await engineer.press('part-backtest');
  const option = engineer.id('backtest-range').locator('option[value^="incident:"]');
  await option.first().waitFor({ state: 'attached', timeout: STEP_MAX_MS });
  await engineer.id('backtest-range').selectOption(await option.first().getAttribute('value'));
  await engineer.press('backtest-begin');
  const done = engineer.page.locator(
    '[data-testid="backtest-found"][data-state="done"]:has([data-testid="first-out"])');
  const text = await engineer.text(done.getByTestId('first-out'));
  must(!text.includes('未发现') && text.includes('−'), `not found, or not earlier: "${text}"`);
  await engineer.see(done.locator('[data-testid="lanes"][data-labels="1"] canvas'));
  const lanes = Number(await done.getByTestId('lanes').getAttribute('data-lanes'));
  must(lanes === 3, `${lanes} lanes: one of the incident and one of each set are awaited`);
  await engineer.judge('engineer-incident');
  engineer.say('incident', { text });
}

async function compared(engineer) {
  await engineer.press('part-compare');
  const merge = engineer.id('compare');
  await engineer.see(engineer.id('file-change'));
  await engineer.id('compare-file').selectOption(`rules/${FILES[1]}`);
  await engineer.see(merge.locator('.cm-changedLine'));
  const text = await merge.innerText();
  must(text.includes('raise_at = 5.0') && text.includes('raise_at = 4.75'), `not both: "${text}"`);
  const added = await engineer.text(engineer.id('file-change'));
  must(added.includes('新增') && added.includes(FILES[0]), `the new file is "${added}"`);
  await engineer.judge('engineer-compare');
  engineer.say('compared', { added });
}

async function proposed(engineer) {
  await engineer.press('part-trial');
  await engineer.id('trial-note').fill('试降红色限值');
  await engineer.pressTwice('trial-propose');
  const text = await (await engineer.see(engineer.id('trial'))).innerText();
  must(text.includes('chen') && text.includes('试降红色限值'), `not by whom and why: "${text}"`);
  await engineer.see(engineer.id('own-proposal'));
  must(await engineer.id('trial-confirm').count() === 0, 'the proposer may confirm');
  await engineer.judge('engineer-trial');
  engineer.say('proposed', { text });
}

async function confirmed(first, second, park) {
  await second.press('page-engineer');
  await second.see(second.id('rule-file'));
  await second.press('part-compare');
  await second.id('compare-right').selectOption('shadow');
  const added = await second.text(second.id('file-change'));
  must(added.includes('added') && added.includes(FILES[0]), `the new file is "${added}"`);
  await second.press('part-trial');
  await second.see(second.id('trial'));
  await second.id('trial-note').fill('looked at the backtest');
  await second.pressTwice('trial-confirm');
  for (const engineer of [second, first]) {
    const row = engineer.id('rule-version').and(
      engineer.page.locator('[data-source="promotion"]'));
    const text = await (await engineer.see(row)).innerText();
    must(text.includes('zhou') && text.includes('chen'), `not by both: "${text}"`);
  }
  await filesOf(park, 'running', FILES);
  await second.judge('engineer-confirmed');
  first.say('confirmed');
}

async function wentBack(second, park) {
  await second.pressTwice('go-back');
  await second.see(second.id('rule-version').and(second.page.locator('[data-source="rollback"]')));
  const { rules, version } = await park.get('/rules');
  must(version.number === 3 && version.source === 'rollback', JSON.stringify(version));
  const red = rules.find((rule) => rule.id === 'chlorine-red');
  must(red.text.includes('raise_at = 5'), `the old limit is not back: ${red.text}`);
  await filesOf(park, 'running', [FILES[1]]);
  await filesOf(park, '2', FILES);
  const audit = JSON.stringify(await park.get('/audit'));
  for (const act of ['rules.promote', 'rules.rollback']) {
    must(audit.includes(act), `${act} is not in the audit`);
  }
  second.say('went-back');
}

/** All steps, in a browser that the caller closes. `picture` is given the name of each state. */
export async function watchEngineers(browser, binary, say, picture = async () => {}) {
  const park = new EngineeredPark();
  try {
    await park.start(binary);
    let beats = 0;
    const publish = park.feed('at-1', () => 0.1 + (beats++ % 2) * 0.02);
    park.feed('at-2', () => 0.2 + (beats % 2) * 0.02);
    const open = async (lang, theme) => {
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
      const page = await context.newPage();
      const errors = errorsOf(page);
      await page.goto(`${park.url}?lang=${lang}&theme=${theme}`);
      return { engineer: new Engineer(page, say, picture), errors };
    };
    const [first, second] = [await open('zh', 'dark'), await open('en', 'light')];
    await first.engineer.signIn('chen');
    await second.engineer.signIn('zhou');
    await opened(first.engineer);
    await wrong(first.engineer);
    await lostAndFound(first.engineer);
    await mended(first.engineer);
    await secondFile(first.engineer, park);
    await tested(first.engineer);
    await backtested(first.engineer, park, publish);
    await ofIncident(first.engineer, park, publish);
    await compared(first.engineer);
    await proposed(first.engineer);
    await confirmed(first.engineer, second.engineer, park);
    await wentBack(second.engineer, park);
    const errors = [...first.errors, ...second.errors];
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

/** Pictures of each part into a folder, in the language and theme of whoever looks. */
export function partsInto(folder) {
  mkdirSync(folder, { recursive: true });
  return async (page, name) => {
    const { searchParams } = new URL(page.url());
    const words = [name, searchParams.get('lang'), searchParams.get('theme')];
    const path = join(folder, `${words.join('-')}.png`);
    await page.screenshot({ path, animations: 'disabled' });
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchEngineers(browser, binary, say, folder ? partsInto(folder) : undefined);
  } finally {
    await browser.close();
  }
}
