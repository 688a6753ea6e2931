// Two people who do the same at once, at two real browsers against a real station: the later one is
// told plainly who was first, and nothing that they typed is lost.
// Usage: node together.mjs <siskin binary>. Prints one JSON line a step; ends with 0 when all went
// as it must.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import { alone } from './alone.mjs';
import { must, sit } from './person.mjs';
import { PASSWORD, StaffedPark } from './staffed.mjs';

const RED_PPM = 6;
const CALM_PPM = 0.1;

/** No step comes by time while the test runs. */
const LADDER = `
[[escalation]]
tier = "red"
steps = [{ after_s = 7200, to = "leader" }, { after_s = 10800, to = "bureau" }]
`;

class PatientPark extends StaffedPark {
  writeSite(port) {
    super.writeSite(port);
    appendFileSync(join(this.folder, 'site/site.toml'), LADDER);
  }
}

/** What stands there, once it holds every part. */
async function told(person, locator, parts) {
  let found = locator;
  for (const part of parts) {
    found = found.filter({ hasText: part });
  }
  return (await person.see(found)).innerText();
}

/** What somebody typed is still in its field. */
async function keeps(person, field, text) {
  const there = await person.id(`field-${field}`).inputValue();
  must(there === text, `"${text}" is lost: the field holds "${there}"`);
}

async function escalate(wang, li) {
  for (const person of [wang, li]) {
    await person.press('act-escalate');
    await person.see(person.id('escalate-next'));
  }
  await wang.id('field-note').fill('气味很浓');
  await li.id('field-note').fill('it rises quickly');
  // Wang's act is not told to li before li presses: the station itself says who was first.
  await li.page.route('**/escalate', async (route) => {
    await wang.submit();
    await route.continue();
  }, { times: 1 });
  await wang.judge('escalate-dialog');
  await li.press('dialog-submit');
  const text = await told(li, li.id('dialog-problem'), ['wang', 'leader']);
  await keeps(li, 'note', 'it rises quickly');
  await li.see(li.id('escalate-told'));
  await li.press('dialog-cancel');
  await wang.press('warning-open');
  const event = wang.page.locator('[data-testid="warning-event"][data-change="passed-on"]');
  await told(wang, event, ['人工立即升级', 'wang', '气味很浓']);
  must(await event.count() === 1, 'one step was taken');
  await wang.see(wang.id('passed-on'));
  wang.say('escalate', { text });
}

/** Li already writes when wang has called the next: the first press only says so. */
async function escalateLater(wang, li) {
  await li.press('act-escalate');
  await li.id('field-note').fill('call the bureau');
  await wang.press('act-escalate');
  await wang.submit();
  await told(li, li.id('dialog-problem'), ['wang', 'Nobody is left']);
  await keeps(li, 'note', 'call the bureau');
  must(await li.id('dialog-submit').isDisabled(), 'a step that is not there is offered');
  await li.press('dialog-cancel');
  await li.gone(li.id('act-escalate'));
  li.say('escalate-later');
}

async function comment(wang, li) {
  for (const [person, text] of [[wang, '看见白雾'], [li, 'valve 3 is shut']]) {
    await person.press('act-comment');
    await person.id('field-note').fill(text);
  }
  await wang.submit();
  await keeps(li, 'note', 'valve 3 is shut');
  await li.submit();
  // Nothing was against the other: both stand, and each sees the other's.
  for (const text of ['看见白雾', 'valve 3 is shut']) {
    await told(wang, wang.id('warning-event'), [text]);
  }
  wang.say('comment');
}

async function shelve(wang, li) {
  for (const [person, text] of [[wang, '标定气体'], [li, 'calibration gas']]) {
    await person.press('act-shelve');
    await person.id('field-minutes').fill('20');
    await person.id('field-reason').fill(text);
  }
  await wang.submit();
  const text = await told(li, li.id('dialog-problem'), ['wang', 'proposed']);
  await keeps(li, 'reason', 'calibration gas');
  must(await li.id('dialog-submit').isDisabled(), 'a second proposal is offered');
  await li.press('dialog-cancel');
  li.say('shelve', { text });
}

async function acknowledge(wang, li) {
  for (const [person, text] of [[wang, '已派人'], [li, 'on my way']]) {
    await person.press('ack-open');
    await person.id('ack-note').fill(text);
  }
  await wang.press('ack-submit');
  await wang.see(wang.warning('active-acknowledged'));
  await li.press('ack-submit');
  const text = await told(li, li.id('ack-problem'), ['wang']);
  must(await li.id('ack-note').inputValue() === 'on my way', 'the note is lost');
  await li.page.keyboard.press('Escape');
  li.say('acknowledge', { text });
}

async function incidentNote(wang, li) {
  for (const person of [wang, li]) {
    if (!(await person.id('incident-show').isVisible())) {
      await person.press('warning-open');
    }
    await person.press('incident-show');
    await person.see(person.id('incident-detail'));
  }
  await li.id('field-incident-note').fill('fire brigade informed');
  await wang.id('field-incident-note').fill('已通知消防');
  await wang.press('incident-note-add');
  // Li sees it beside what li writes.
  await told(li, li.id('incident-entry'), ['已通知消防', 'wang']);
  await keeps(li, 'incident-note', 'fire brigade informed');
  await li.press('incident-note-add');
  await told(wang, wang.id('incident-entry'), ['fire brigade informed', 'li']);
  wang.say('incident-note');
}

async function reportField(wang, li) {
  const missing = '[data-testid="report-field"][data-state="missing"]';
  for (const person of [wang, li]) {
    await person.press('report-of-first');
    await person.see(person.page.locator(missing));
  }
  const id = await wang.page.locator(missing).first().getAttribute('data-id');
  const row = (person) => person.page.locator(`[data-testid="report-field"][data-id="${id}"]`);
  for (const [person, text] of [[wang, '无人伤亡'], [li, 'two injured']]) {
    await row(person).getByTestId('field-fill').click();
    await person.id(`field-report-${id}`).fill(text);
  }
  await row(wang).getByTestId('field-save').click();
  await told(wang, row(wang), ['无人伤亡', 'wang']);
  await row(li).getByTestId('field-save').click();
  const text = await told(li, row(li).getByTestId('field-first'), ['wang', '无人伤亡']);
  await keeps(li, `report-${id}`, 'two injured');
  // Having read that, li decides.
  await row(li).getByTestId('field-save').click();
  await told(li, row(li), ['two injured', 'li']);
  li.say('report-field', { text });
}

async function handOver(wang, li, zhao) {
  for (const person of [wang, li, zhao]) {
    await person.press('duty-open');
  }
  const desk = wang.page.locator('[data-testid="desk"][data-role="operator"]');
  await (await wang.see(desk)).getByTestId('hand-over-open').click();
  await wang.submit();
  await li.see(li.id('field-hand-over-note'));
  await zhao.see(zhao.id('field-hand-over-note'));
  await zhao.id('field-hand-over-note').fill('三号泵注意');
  await li.press('hand-over-accept');
  const text = await told(zhao, zhao.id('hand-over-first'), ['li', '三号泵注意']);
  zhao.say('hand-over', { text });
}

/** An analyzer that says nothing: both acknowledge, and the second is told who was first. */
async function equipment(wang, li) {
  const row = (person) =>
    person.page.locator('[data-testid="equipment"][data-id="at-2"][data-no-data="true"]');
  for (const [person, text] of [[wang, '已派仪表班'], [li, 'instruments informed']]) {
    await (await person.see(row(person))).getByTestId('equipment-ack').click();
    await person.id('field-note').fill(text);
  }
  await wang.submit();
  const text = await told(li, li.id('dialog-problem'), ['wang', 'first']);
  await keeps(li, 'note', 'instruments informed');
  must(await li.id('dialog-submit').isDisabled(), 'a second acknowledgement is offered');
  await li.press('dialog-cancel');
  await told(wang, row(wang).getByTestId('equipment-answer'), ['wang 已于', '已派仪表班']);
  await told(li, row(li).getByTestId('equipment-answer'), ['acknowledged by wang', '已派仪表班']);
  must(await row(li).getByTestId('equipment-ack').count() === 0, 'it is offered once more');
  li.say('equipment', { text });
}

/** Li's session ends while li writes: looking goes on, what was typed is sent after signing in. */
/** Who changes an entry second is told what it has become, and what they typed stays. */
async function oneEntry(first, second, { page, open, field, texts, row }) {
  for (const [i, person] of [first, second].entries()) {
    await person.press(page);
    await (await person.see(open(person))).click();
    await person.id(`field-${field}`).fill(texts[i]);
  }
  await first.submit();
  await second.press('dialog-submit');
  const text = await told(second, second.id('dialog-problem'), ['Somebody else', texts[0]]);
  await keeps(second, field, texts[1]);
  await second.submit();
  await second.see(row(second).filter({ hasText: texts[1] }));
  second.say(`together-${page}`, { told: text });
}

const CONTACT = {
  page: 'page-duty', field: 'name', texts: ['王伟（甲班）', 'Wang Wei (B)'],
  open: (person) => person.id('contact').filter({ hasText: '王伟' }).getByTestId('contact-change'),
  row: (person) => person.id('contact'),
};
const ACCOUNT = {
  page: 'page-people', field: 'display', texts: ['展厅', 'Hall'],
  open: (person) => person.page.locator('[data-testid="person"][data-name="look"]')
    .getByTestId('person-change'),
  row: (person) => person.page.locator('[data-testid="person"][data-name="look"]'),
};

async function sessionOver(park, wang, li) {
  await li.press('act-comment');
  await li.id('field-note').fill('written before the session ended');
  await park.ask('POST', '/people/li/password', { password: PASSWORD });
  await li.see(li.id('sign-in-lost'));
  must(await li.id('overlay-lost').count() === 0, 'the alarm view is covered');
  await li.see(li.page.getByTestId('warning'));
  await li.press('dialog-submit');
  await li.id('sign-in-name').fill('li');
  await li.id('sign-in-password').fill(PASSWORD);
  await li.press('sign-in-submit');
  await li.gone(li.id('sign-in'));
  await keeps(li, 'note', 'written before the session ended');
  await li.submit();
  await told(wang, wang.id('warning-event'), ['written before the session ended', 'li']);
  li.say('session-over');
}

/** All steps, in a browser that the caller closes. */
export async function watchTogether(browser, binary, say) {
  const park = new PatientPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    let beats = 0;
    park.feed('at-1', () => RED_PPM + (beats++ % 2) * 0.02);
    let silent = false;
    park.feedUnless('at-2', () => CALM_PPM + (beats % 2) * 0.02, () => silent);
    const picture = async () => {};
    const wang = await sit(browser, park, 'wang', 'zh', say, picture);
    const li = await sit(browser, park, 'li', 'en', say, picture);
    const zhao = await sit(browser, park, 'zhao', 'zh', say, picture);
    await wang.see(wang.warning('active-unacknowledged'));
    await li.see(li.warning('active-unacknowledged'));
    await escalate(wang, li);
    await escalateLater(wang, li);
    await comment(wang, li);
    await sessionOver(park, wang, li);
    await shelve(wang, li);
    await acknowledge(wang, li);
    silent = true;
    await equipment(wang, li);
    await incidentNote(wang, li);
    await reportField(wang, li);
    await handOver(wang, li, zhao);
    const other = await sit(browser, park, 'zhao', 'en', say, picture);
    await oneEntry(zhao, other, CONTACT);
    await oneEntry(zhao, other, ACCOUNT);
    // Only the refusals that the test made may be told.
    const made = /409 .*\/(escalate|acknowledge|shelve)|40[13] /;
    const errors = [wang, li, zhao, other].flatMap((one) => one.errors)
      .filter((error) => !made.test(error));
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

await alone(import.meta.url, (browser, say, binary) => watchTogether(browser, binary, say));
