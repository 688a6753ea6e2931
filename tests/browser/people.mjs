// What people do with warnings, on the page and against a real station: comment, shelve with a
// second person, out of service, hand-over, an incident with its report, messages, a drill, figures,
// accounts. Two operators, one in Chinese
// and one in English. Every sheet is looked at by axe-core.
// Usage: node people.mjs <siskin binary> [folder for pictures]. Prints one JSON line a step;
// ends with 0 when all went as it must.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { launch } from './chromium.mjs';
import { must, sit, STEP_MAX_MS } from './person.mjs';
import { drill, figures, messages, owed, reports } from './reporting.mjs';
import { CALM_PPM, PASSWORD, StaffedPark } from './staffed.mjs';

const RED_PPM = 6;

async function comment(wang) {
  await wang.press('act-comment');
  await wang.press('dialog-submit');
  await wang.fault('note', '不能为空');
  await wang.id('field-note').fill('现场无异味，已派人核实');
  // The network fails once: what was typed must still be there.
  await wang.page.route('**/comment', (route) => route.abort(), { times: 1 });
  await wang.press('dialog-submit');
  const told = await (await wang.see(wang.id('dialog-problem'))).innerText();
  must(told.includes('无法连接'), `the failure is told as "${told}"`);
  must(await wang.id('field-note').inputValue() === '现场无异味，已派人核实', 'typed words are lost');
  await wang.submit();
  await wang.press('warning-open');
  const event = wang.page.locator('[data-testid="warning-event"][data-change="commented"]');
  const text = await (await wang.see(event)).innerText();
  must(text.includes('wang') && text.includes('已派人核实'), `the comment stands as "${text}"`);
  const card = await (await wang.see(wang.id('card'))).innerText();
  for (const part of ['通知带班领导', '13800000001', '预案第 3.2 节', '模板', 'nobody']) {
    must(card.includes(part), `"${part}" is not on the card: "${card}"`);
  }
  await wang.judge('warning');
  wang.say('commented', { text });
}

async function shelve(wang, li) {
  await wang.press('act-shelve');
  await wang.see(wang.id('two-persons'));
  await wang.id('field-minutes').fill('31');
  await wang.press('dialog-submit');
  await wang.fault('minutes', '1 至 30');
  await wang.fault('reason', '不能为空');
  await wang.id('field-minutes').fill('20');
  await wang.id('field-reason').fill('标定气体');
  await wang.judge('shelve-dialog');
  await wang.submit();
  const proposal = await (await wang.see(wang.id('proposal'))).innerText();
  must(/还有 \d+ 分/.test(proposal), `no countdown in "${proposal}"`);
  must((await (await wang.see(wang.id('confirm-barred'))).innerText()).includes('另一人'), 'own');
  await li.press('held-open');
  await li.see(li.page.locator('[data-testid="hold"][data-kind="proposal"]'));
  await li.judge('held');
  await li.id('sheet').getByTestId('confirm-open').click();
  const left = await (await li.see(li.id('confirm-left'))).innerText();
  must(/Lapses in \d+ min/.test(left), `no countdown in "${left}"`);
  await li.submit();
  await wang.see(wang.warning('shelved'));
  const held = wang.id('held-open').filter({ hasText: '停用 1' });
  const count = await (await wang.see(held)).innerText();
  must(!count.includes('待第二人'), `the proposal still waits: "${count}"`);
  await li.see(li.page.locator('[data-testid="hold"][data-kind="shelf"]'));
  await li.press('lift-open');
  await li.id('field-note').fill('calibration done');
  await li.submit();
  await wang.see(wang.warning('active-unacknowledged'));
  wang.say('shelved', { proposal, count });
}

async function outOfService(li) {
  await li.press('take-out-open');
  await li.press('dialog-submit');
  await li.fault('work_order', 'Fill this in');
  await li.id('field-channel').selectOption('at-2-cl2');
  await li.id('field-work_order').fill('WO-2026-117');
  await li.id('field-owner').fill('Chen');
  await li.id('field-reason').fill('pump replaced');
  await li.judge('take-out-dialog');
  await li.submit();
  const hold = li.page.locator('[data-testid="hold"][data-kind="out-of-service"]');
  const text = await (await li.see(hold)).innerText();
  for (const part of ['WO-2026-117', 'Chen', 'pump replaced', 'li']) {
    must(text.includes(part), `"${part}" is not in "${text}"`);
  }
  await li.judge('held-out');
  await hold.getByTestId('lift-open').click();
  await li.submit();
  await li.gone(hold);
  li.say('out-of-service', { text });
}

async function handOver(wang, li) {
  await wang.press('duty-open');
  const empty = wang.page.locator('[data-testid="desk"][data-role="leader"][data-empty="true"]');
  must((await (await wang.see(empty)).innerText()).includes('无人值班'), 'an empty desk');
  const desk = wang.page.locator('[data-testid="desk"][data-role="operator"]');
  const there = await (await wang.see(desk)).innerText();
  must(there.includes('王伟') && there.includes('13800000001'), `on duty is "${there}"`);
  await desk.getByTestId('hand-over-open').click();
  await wang.id('field-note').fill('二号阀待检修');
  await wang.judge('hand-over-dialog');
  await wang.submit();
  await wang.see(wang.id('hand-over-own'));
  await li.press('duty-open');
  const waiting = li.page.locator('[data-testid="hand-over"][data-open="true"]');
  const text = await (await li.see(waiting)).innerText();
  must(text.includes('二号阀待检修') && text.includes('Open warnings 1'), `told is "${text}"`);
  await li.judge('duty');
  await li.press('hand-over-accept');
  await wang.gone(wang.page.locator('[data-testid="hand-over"][data-open="true"]'));
  const done = await (await wang.see(wang.id('hand-over'))).innerText();
  must(done.includes('li') && done.includes('接班'), `accepted stands as "${done}"`);
  wang.say('handed-over', { text, done });
}

async function incident(wang) {
  // The red warning has opened one by itself: its sheet leads there, and offers no second one.
  await wang.press('warning-open');
  await wang.press('incident-show');
  await wang.see(wang.id('incident-detail'));
  await wang.press('incident-new');
  await wang.press('dialog-submit');
  await wang.fault('title', '不能为空');
  await wang.id('field-title').fill('液氯罐区泄漏');
  await wang.submit();
  await wang.see(wang.id('incident').and(wang.page.locator('[aria-expanded="true"]'))
    .filter({ hasText: '液氯罐区泄漏' }));
  const clock = await (await wang.see(wang.id('clock'))).innerText();
  must(/还有|已超/.test(clock), `no time left in "${clock}"`);
  await wang.press('incident-note-add');
  await wang.fault('incident-note', '不能为空');
  await wang.id('field-incident-note').fill('已通知消防\n风向东南');
  await wang.press('incident-note-add');
  const note = wang.page.locator('[data-testid="incident-entry"][data-act="incident.note"]');
  must((await (await wang.see(note)).innerText()).includes('风向东南'), 'the note');
  await wang.id('field-task').fill('关闭二号阀');
  await wang.id('field-owner').fill('陈工');
  await wang.press('task-add');
  await wang.see(wang.id('task').filter({ hasText: '陈工' }));
  await wang.id('field-poisoned').fill('-1');
  await wang.press('figures-save');
  await wang.fault('poisoned', '整数');
  await wang.id('field-poisoned').fill('12');
  await wang.press('figures-save');
  const help = await (await wang.see(wang.id('suggestion').filter({ hasText: '中毒' }))).innerText();
  await wang.judge('incidents');
  const download = wang.page.waitForEvent('download', { timeout: STEP_MAX_MS });
  await wang.press('evidence');
  const name = (await download).suggestedFilename();
  must(name.endsWith('.zip'), `the evidence is "${name}"`);
  wang.say('incident', { clock, help, name });
}

/** Latched: returned, acknowledged, and over only by a person's reset. */
async function reset(wang) {
  await wang.see(wang.warning('latched-unacknowledged'));
  await wang.press('ack-open');
  await wang.press('ack-submit');
  await wang.see(wang.warning('latched-acknowledged'));
  await wang.press('act-reset');
  await wang.submit();
  await wang.gone(wang.id('warning'));
  wang.say('reset');
}

async function accounts(zhao) {
  await zhao.press('people-open');
  await zhao.see(zhao.page.locator('[data-testid="person"][data-name="wang"]'));
  await zhao.press('person-add');
  await zhao.id('field-name').fill('Chen');
  await zhao.id('field-display').fill('陈工');
  await zhao.id('field-password').fill('short');
  await zhao.press('dialog-submit');
  await zhao.fault('name', '小写字母');
  await zhao.fault('password', '15');
  await zhao.id('field-name').fill('chen');
  await zhao.id('field-password').fill(PASSWORD);
  await zhao.judge('person-dialog');
  await zhao.submit();
  const chen = zhao.page.locator('[data-testid="person"][data-name="chen"]');
  await zhao.see(chen);
  await chen.getByTestId('person-lock').click();
  await zhao.see(zhao.page.locator('[data-name="chen"][data-disabled="true"]'));
  await zhao.judge('people');
  zhao.say('accounts');
}

/** All steps, in a browser that the caller closes. */
export async function watchPeople(browser, binary, say, picture = async () => {}) {
  const park = new StaffedPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    let ppm = RED_PPM;
    park.feedTwo(() => ppm);
    const wang = await sit(browser, park, 'wang', 'zh', say, picture);
    const li = await sit(browser, park, 'li', 'en', say, picture);
    await wang.see(wang.warning('active-unacknowledged'));
    await comment(wang);
    await shelve(wang, li);
    await outOfService(li);
    await handOver(wang, li);
    await incident(wang);
    await reports(wang);
    await messages(wang);
    await owed(wang, li);
    ppm = CALM_PPM;
    await reset(wang);
    await drill(wang);
    await figures(wang);
    const zhao = await sit(browser, park, 'zhao', 'zh', say, picture);
    await accounts(zhao);
    // Only the failures that the test made may be told: a cut line, a signature too soon.
    const made = /ERR_FAILED|409 .*\/reports\/first\/sign/;
    const errors = [wang, li, zhao].flatMap((one) => one.errors)
      .filter((error) => !made.test(error));
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

/** What must be on a sheet before its picture is taken. */
const READY = {
  warning: 'card', held: 'hold', 'held-out': 'hold', duty: 'desk', incidents: 'incident-detail',
  people: 'person', messages: 'delivery', drills: 'drill-report', kpis: 'kpi',
};
/** What no address leads to: it is taken as it stands. */
const AS_IT_STANDS = /-(dialog|report)$/;

const GUIDE = [['zh', 'dark'], ['en', 'light']];
const EVERY = [...GUIDE, ['zh', 'light'], ['en', 'dark']];

/** Pictures of the sheets for the operator guide; with `isAll` in both themes, and of dialogs. */
export function sheetsInto(folder, isAll = false) {
  return async (page, name) => {
    if (AS_IT_STANDS.test(name)) {
      if (isAll) {
        await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
      }
      return;
    }
    for (const [lang, theme] of isAll ? EVERY : GUIDE) {
      const url = new URL(page.url());
      url.searchParams.set('lang', lang);
      url.searchParams.set('theme', theme);
      const other = await page.context().newPage();
      await other.setViewportSize(page.viewportSize());
      await other.goto(url.href);
      await other.getByTestId('sheet').waitFor({ timeout: STEP_MAX_MS });
      await other.locator('canvas').first().waitFor({ timeout: STEP_MAX_MS });
      await other.getByTestId(READY[name]).first().waitFor({ timeout: STEP_MAX_MS });
      const path = join(folder, `${name}-${lang}-${theme}.png`);
      await other.screenshot({ path, animations: 'disabled' });
      await other.close();
    }
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchPeople(browser, binary, say, folder ? sheetsInto(folder, true) : undefined);
  } finally {
    await browser.close();
  }
}
