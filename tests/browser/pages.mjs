// The pages by their addresses, against a real station with people: a warning at length, incidents
// with files, duty with roster, substitutes and contacts, drills, the bureau's page, accounts and
// tokens. Each page is looked at by axe-core in Chinese (dark) and English (light).
// Usage: node pages.mjs <siskin binary> [folder for pictures]. Prints one JSON line a step; ends
// with 0 when all went as it must.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { launch } from './chromium.mjs';
import { remembersLooks } from './looks.mjs';
import { typesDates, typesMoments } from './moments.mjs';
import { must, sit, STEP_MAX_MS } from './person.mjs';
import { CALM_PPM, StaffedPark } from './staffed.mjs';

const RED_PPM = 6;

/** Follows a link of the navigation; the page is there when its own mark is. */
async function goTo(person, name) {
  await person.press(`page-${name}`);
  await person.see(person.id(`${name}-page`));
}

async function warning(wang, li) {
  await wang.see(wang.warning('active-unacknowledged'));
  const id = await wang.warning('active-unacknowledged').first().getAttribute('data-id');
  await goTo(wang, 'incidents');
  // Whatever is read, the warning stands above it and leads to its page.
  const strip = wang.page.locator(`[data-testid="warning-strip"] [data-id="${id}"]`);
  await wang.see(strip);
  await strip.getByRole('link').click();
  await wang.see(wang.id('warning-page'));
  must(wang.page.url().includes(encodeURIComponent(id)), `the address is ${wang.page.url()}`);
  await wang.see(wang.id('card'));
  await wang.see(wang.page.locator('canvas'));
  await wang.see(wang.id('neighbour').filter({ hasText: 'AT-2' }));
  await wang.see(wang.id('timeline-entry').filter({ hasText: '新预警' }));
  await wang.see(wang.page.locator('[data-testid="timeline-entry"][data-kind="message"]'));
  await wang.judge('page-warning');
  await wang.press('strip-acknowledge');
  await wang.id('ack-note').fill('已派人核实');
  await wang.press('ack-submit');
  await wang.see(wang.id('timeline-entry').filter({ hasText: '已派人核实' }));
  // The other one sees it on another page without doing anything.
  await li.see(li.warning('active-acknowledged'));
  // The address alone leads there again, in the other language.
  await li.page.goto(wang.page.url().replace('lang=zh', 'lang=en').replace('dark', 'light'));
  await li.see(li.id('timeline-entry').filter({ hasText: '已派人核实' }));
  await li.judge('page-warning-en');
  await li.page.goBack();
  await li.see(li.page.getByTestId('warning'));
  wang.say('warning', { id });
  return id;
}

async function incident(wang, folder) {
  await goTo(wang, 'incidents');
  await wang.press('incident-link');
  await wang.see(wang.id('incident-page'));
  const empty = join(folder, 'empty.txt');
  writeFileSync(empty, '');
  await wang.id('file-picker').setInputFiles(empty);
  await wang.press('file-send');
  await wang.fault('file', '空文件');
  const photo = join(folder, '现场照片.txt');
  writeFileSync(photo, 'not a photo');
  await wang.id('file-picker').setInputFiles(photo);
  await wang.page.route('**/files?name=*', (route) => route.abort(), { times: 1 });
  await wang.press('file-send');
  await wang.see(wang.page.getByText('无法连接'));
  await wang.press('file-send');
  await wang.see(wang.id('incident-file').filter({ hasText: '现场照片.txt' }));
  await wang.judge('page-incidents');
  wang.say('incident-page');
}

async function duty(zhao) {
  await goTo(zhao, 'duty');
  await zhao.see(zhao.id('roster-shift').filter({ hasText: '王伟' }));
  await zhao.press('substitute-open');
  await zhao.press('dialog-submit');
  await zhao.fault('person', '不能为空');
  await zhao.id('field-person').selectOption({ index: 1 });
  await zhao.id('field-note').fill('王伟请假');
  await zhao.submit();
  await zhao.see(zhao.id('roster-shift').filter({ hasText: '替班' }));
  await zhao.press('contact-add');
  await zhao.id('field-id').fill('陈');
  await zhao.press('dialog-submit');
  await zhao.fault('id', '字母');
  await zhao.fault('name', '不能为空');
  await zhao.id('field-id').fill('chen');
  await zhao.id('field-name').fill('陈工');
  await zhao.id('field-phones').fill('13800000009');
  await zhao.submit();
  await zhao.see(zhao.id('contact').filter({ hasText: '13800000009' }));
  await zhao.press('roster-try');
  await zhao.fault('text', '不能为空');
  await zhao.id('field-text').fill('from,to,role,person\nyesterday,2099-01-01 20:00,operator,chen\n');
  await zhao.press('roster-try');
  const refused = await (await zhao.see(zhao.id('import-problem'))).innerText();
  must(refused.includes('yesterday'), `the line is not told: "${refused}"`);
  const line = '2099-01-01 08:00,2099-01-01 20:00,operator,chen';
  await zhao.id('field-text').fill(`from,to,role,person\n${line}\n`);
  await zhao.press('roster-try');
  await zhao.see(zhao.page.locator('[data-testid="roster-difference"][data-applied="false"]'));
  await zhao.press('roster-apply');
  const done = zhao.page.locator('[data-testid="roster-difference"][data-applied="true"]');
  must((await (await zhao.see(done)).innerText()).includes('新增 1'), 'one shift more');
  await zhao.judge('page-duty');
  zhao.say('duty-page');
}

async function bureau(zhao, li) {
  await goTo(zhao, 'bureau');
  const area = zhao.page.locator('[data-testid="area-now"][data-tier="red"]');
  must((await (await zhao.see(area)).innerText()).includes('液氯罐区'), 'the red area');
  await zhao.see(zhao.id('delivery'));
  const download = zhao.page.waitForEvent('download', { timeout: STEP_MAX_MS });
  await zhao.press('period-day-docx');
  const name = (await download).suggestedFilename();
  must(name.endsWith('.docx'), `the report is "${name}"`);
  await zhao.judge('page-bureau');
  await goTo(li, 'bureau');
  await li.judge('page-bureau-en');
  zhao.say('bureau-page', { name });
}

async function moments(zhao, li) {
  for (const [person, lang] of [[zhao, 'zh'], [li, 'en']]) {
    await typesDates(person, lang);
    await person.press('page-alarms');
    await typesMoments(person, lang);
    await person.judge(`page-alarms-${lang}`);
  }
  zhao.say('moments');
}

async function account(zhao) {
  await goTo(zhao, 'account');
  await zhao.id('field-days').fill('401');
  await zhao.press('token-make');
  await zhao.fault('name', '不能为空');
  await zhao.fault('days', '1 至 400');
  await zhao.id('field-name').fill('市局平台');
  await zhao.id('field-days').fill('30');
  await zhao.id('field-role').selectOption('bureau');
  await zhao.press('token-make');
  const text = await (await zhao.see(zhao.id('token-made').locator('code'))).innerText();
  const path = '/api/v1/bureau/warnings';
  const answer = await fetch(new URL(path, zhao.page.url()), {
    headers: { authorization: `Bearer ${text.trim()}` },
  });
  must(answer.status === 200, `the token opens ${path} with ${answer.status}`);
  await zhao.judge('page-account');
  const token = zhao.id('token').filter({ hasText: '市局平台' });
  await token.getByTestId('token-remove').click();
  await zhao.gone(token);
  const after = await fetch(new URL(path, zhao.page.url()), {
    headers: { authorization: `Bearer ${text.trim()}` },
  });
  must(after.status === 401, `a token that was taken back is answered with ${after.status}`);
  zhao.say('account-page');
}

async function others(zhao, li) {
  await goTo(zhao, 'drills');
  await zhao.judge('page-drills');
  await goTo(zhao, 'people');
  await zhao.judge('page-people');
  must(await li.id('page-people').count() === 0, 'an operator is offered the accounts');
  await li.page.goto(new URL('/no/such/page?lang=en&theme=light', li.page.url()).href);
  await li.see(li.page.getByText('There is no such page'));
  await li.judge('page-nowhere');
  zhao.say('other-pages');
}

/** A warning that is over is read at its address all the same. */
async function past(wang, id) {
  await goTo(wang, 'drills');
  await wang.press('page-overview');
  await wang.see(wang.warning('latched-acknowledged'));
  await wang.press('act-reset');
  await wang.submit();
  await wang.gone(wang.page.getByTestId('warning'));
  await wang.page.goto(new URL(`/warnings/${encodeURIComponent(id)}`, wang.page.url()).href);
  await wang.see(wang.id('past-warning'));
  await wang.see(wang.page.locator('canvas'));
  await wang.see(wang.id('timeline-entry').filter({ hasText: '已派人核实' }));
  await wang.judge('page-warning-past');
  wang.say('past', { id });
}

/** All steps, in a browser that the caller closes. */
export async function watchPages(browser, binary, say, picture = async () => {}) {
  const park = new StaffedPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    let ppm = RED_PPM;
    park.feedTwo(() => ppm);
    const wang = await sit(browser, park, 'wang', 'zh', say, picture);
    const li = await sit(browser, park, 'li', 'en', say, picture);
    const zhao = await sit(browser, park, 'zhao', 'zh', say, picture);
    const id = await warning(wang, li);
    await incident(wang, park.folder);
    await duty(zhao);
    await bureau(zhao, li);
    await moments(zhao, li);
    await account(zhao);
    await others(zhao, li);
    await remembersLooks(browser, park.url, say);
    ppm = CALM_PPM;
    await past(wang, id);
    // Only the failures that the test made may be told: a cut line, a roster that is refused.
    const made = /ERR_FAILED|4\d\d .*\/duty\/import/;
    const errors = [wang, li, zhao].flatMap((one) => one.errors)
      .filter((error) => !made.test(error));
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

/** A picture of each page as it stands. */
export function pagesInto(folder) {
  return async (page, name) => {
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watchPages(browser, binary, say, folder ? pagesInto(folder) : undefined);
  } finally {
    await browser.close();
  }
}
