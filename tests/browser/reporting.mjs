// Steps of `people.mjs` about what leaves the control room: reports of an incident, messages and
// their receipts, a drill, figures.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STEP_MAX_MS = 15_000;

function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** A receiver that refuses everything for good. Gives its port and how to stop it. */
export async function refuser() {
  const server = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(403).end('not here');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, stop: () => server.close() };
}

/** One recipient that takes messages as files, and one that refuses them. */
export function writeRecipients(site, port) {
  writeFileSync(join(site, 'hook.secret'), `${'s3cret'.repeat(6)}\n`, { mode: 0o600 });
  const recipient = (id, way) => `
[[recipient]]
id = "${id}"
name = { zh = "${id}", en = "${id}" }
kind = "bureau"
tier_min = "yellow"
[[recipient.way]]
${way}
`;
  writeFileSync(join(site, 'recipients.toml'), `
[notify]
unreceipted_after_s = 10
${recipient('county', `type = "cap-files"\nfolder = "${join(site, '..', 'cap')}"`)}
${recipient('city', `type = "webhook"\nform = "siskin"\nurl = "http://127.0.0.1:${port}/in"
secret_file = "hook.secret"`)}`);
}

async function saved(person, name) {
  const download = person.page.waitForEvent('download', { timeout: STEP_MAX_MS });
  await person.press(name);
  return (await download).suggestedFilename();
}

const field = (person, state) =>
  person.page.locator(`[data-testid="report-field"][data-state="${state}"]`);

/** In the incident that lies open: the first report is filled in, signed and fetched. */
export async function reports(wang) {
  await wang.press('report-of-first');
  const before = await (await wang.see(wang.id('report-state'))).innerText();
  const missing = field(wang, 'missing');
  const asked = await (await wang.see(missing)).innerText();
  must(asked.includes('【待补】'), `the missing field is "${asked}"`);
  const id = await missing.first().getAttribute('data-id');
  const one = wang.page.locator(`[data-testid="report-field"][data-id="${id}"]`);
  await one.getByTestId('field-fill').click();
  await one.getByTestId('field-save').click();
  await wang.fault(`report-${id}`, '不能为空');
  await wang.id(`field-report-${id}`).fill('法兰泄漏\n已堵漏');
  await one.getByTestId('field-save').click();
  await wang.see(one.and(wang.page.locator('[data-state="value"]')).filter({ hasText: '已堵漏' }));
  await wang.see(one.filter({ hasText: 'wang 填写' }));
  // With fields missing nothing is signed unless somebody says so.
  await wang.press('report-sign');
  await wang.see(wang.id('report-problem'));
  await wang.judge('incident-report');
  await wang.id('report-with-missing').check();
  await wang.press('report-sign');
  const signed = wang.page.locator('[data-testid="report-signed"][data-kind="first"]');
  const version = await (await wang.see(signed)).innerText();
  must(version.includes('wang') && version.includes('第 1 版'), `signed stands as "${version}"`);
  const names = [];
  for (const format of ['docx', 'pdf']) {
    const download = wang.page.waitForEvent('download', { timeout: STEP_MAX_MS });
    await signed.getByTestId(`report-${format}`).click();
    const file = await download;
    must((await file.failure()) === null, `the ${format} was not fetched`);
    names.push(file.suggestedFilename());
  }
  must(names.join() === 'report.docx,report.pdf', `the documents are "${names}"`);
  wang.say('reports', { before, version, names });
}

/** What was refused stands first and in the top bar; what was taken has its times. */
export async function messages(wang) {
  await wang.see(wang.id('messages-trouble'));
  await wang.press('messages-open');
  const failed = wang.page.locator('[data-testid="delivery"][data-state="failed"]');
  const taken = wang.page.locator('[data-testid="delivery"][data-state="accepted"]');
  const told = await (await wang.see(failed)).innerText();
  must(told.includes('city') && told.includes('请电话通知'), `the failure is told as "${told}"`);
  const first = await wang.id('delivery').first().getAttribute('data-state');
  must(first === 'failed', `what is ${first} stands first`);
  const times = await (await wang.see(taken)).innerText();
  must(/写入.*→ 发送.*→ 接收/s.test(times), `its times are "${times}"`);
  await failed.first().getByTestId('delivery-detail').click();
  const said = await (await wang.see(wang.id('delivery-said'))).innerText();
  must(said.includes('氯') && said.includes('403'), `the message is "${said}"`);
  await wang.judge('messages');
  await wang.press('warning-open');
  const here = wang.id('warning-messages').getByTestId('delivery');
  await wang.see(here.and(wang.page.locator('[data-recipient="county"]')));
  wang.say('messages', { told, times });
}

/** Who was not reached is called, and it is said who did; from there to what they were sent. */
export async function owed(wang, li) {
  const row = (person) =>
    person.page.locator('[data-testid="owed"][data-rule="message-failed"][data-recipient="city"]');
  await (await wang.see(row(wang))).getByTestId('owed-messages').click();
  await wang.see(wang.id('messages-to').filter({ hasText: '只显示发给 city 的消息' }));
  await wang.see(wang.page.locator('[data-testid="delivery"][data-recipient="city"]'));
  await wang.gone(wang.page.locator('[data-testid="delivery"][data-recipient="county"]'));
  await wang.press('messages-all');
  await wang.see(wang.page.locator('[data-testid="delivery"][data-recipient="county"]'));
  await wang.page.keyboard.press('Escape');
  // Both have it open; the later one is not left believing that their words were sent.
  await (await li.see(row(li))).getByTestId('equipment-ack').click();
  await li.id('field-note').fill('I call the city');
  await row(wang).getByTestId('equipment-ack').click();
  await wang.id('field-note').fill('已电话通知市局');
  await wang.judge('ack-equipment-dialog');
  await wang.submit();
  const text = await (await li.see(li.id('dialog-problem'))).innerText();
  must(/wang was first|This alarm is over/.test(text), `li is told "${text}"`);
  must(await li.id('field-note').inputValue() === 'I call the city', 'the note is lost');
  must(await li.id('dialog-submit').isDisabled(), 'what is over is offered');
  await li.press('dialog-cancel');
  await wang.gone(row(wang));
  await li.gone(row(li));
  wang.say('owed', { text });
}

/** Begun, seen by everybody, ended, and its report fetched. Nothing real is open. */
export async function drill(wang) {
  await wang.press('drills-open');
  await wang.press('drill-new');
  await wang.press('drill-begin');
  await wang.fault('peak', '大于 0');
  await wang.id('field-peak').fill('20');
  await wang.id('field-rise').fill('0');
  await wang.id('field-drill-note').fill('季度演练');
  await wang.judge('drill-form-dialog');
  await wang.press('drill-begin');
  await wang.see(wang.page.locator('[data-testid="drill"][data-state="running"]'));
  await wang.see(wang.id('drill-banner'));
  const raised = await (await wang.see(wang.id('drill-warning'))).innerText();
  must(raised.includes('无人确认'), `raised is "${raised}"`);
  await wang.press('ack-open');
  await wang.press('ack-submit');
  const person = await (await wang.see(wang.id('drill-person'))).innerText();
  must(person.includes('wang'), `the person is "${person}"`);
  await wang.id('field-drill-end-note').fill('结束');
  await wang.press('drill-end');
  await wang.see(wang.page.locator('[data-testid="drill"][data-reason="by-hand"]'));
  await wang.judge('drills');
  const name = await saved(wang, 'drill-report-download');
  must(name === 'drill-1.md', `the report is "${name}"`);
  wang.say('drill', { raised, person });
}

export async function figures(wang) {
  await wang.press('kpis-open');
  await wang.see(wang.id('kpi'));
  await wang.judge('kpis');
  const name = await saved(wang, 'kpi-csv');
  must(/^kpis-.*-1d\.csv$/.test(name), `the figures are "${name}"`);
  wang.say('figures', { name });
}
