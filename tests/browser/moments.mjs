// Fields for dates and moments: text in the page's language whatever that of the browser is, read
// however people write it, put right when they leave, and wrong at the field.
import { must, STEP_MAX_MS } from './person.mjs';

const WORDS = {
  zh: { date: '年-月-日', now: '今天', wrong: '请写成 2026-11-30', moment: '园区当地时间' },
  en: { date: 'yyyy-mm-dd', now: 'Today', wrong: 'like 2026-11-30', moment: 'time of the park' },
};

/** Types as a person does who then goes on to the next thing. */
async function types(person, name, text) {
  const field = await person.see(person.id(`field-${name}`));
  await field.fill(text);
  await field.press('Tab');
}

async function holds(person, name, expected) {
  await person.page.waitForFunction(
    ([id, value]) => document.querySelector(`[data-testid="${id}"]`)?.value === value,
    [`field-${name}`, expected], { timeout: STEP_MAX_MS },
  ).catch(async () => {
    throw new Error(`${name} is "${await person.id(`field-${name}`).inputValue()}"`);
  });
}

/** The date of the reports on the bureau's page. */
export async function typesDates(person, lang) {
  const [name, words] = ['period-date', WORDS[lang]];
  const field = await person.see(person.id(`field-${name}`));
  must(await field.getAttribute('type') === 'text', 'the browser draws the field in its language');
  const shape = await field.getAttribute('placeholder');
  must(shape === words.date, `the field asks for "${shape}"`);
  await types(person, name, '２０２６／11．3');
  await holds(person, name, '2026-11-03');
  await person.see(person.page.locator('[data-testid="period-day-pdf"][href*="2026-11-03"]'));
  // By keyboard alone: the next stop is the button of one step back.
  await person.page.keyboard.press('Enter');
  await holds(person, name, '2026-11-02');
  await types(person, name, '11/30/2026');
  await person.fault(name, words.wrong);
  must(await field.inputValue() === '11/30/2026', 'what was typed is lost');
  must(await field.getAttribute('aria-invalid') === 'true', 'it is wrong to the eye only');
  await person.gone(person.id('period-day-pdf'));
  const now = person.id(`now-${name}`);
  must((await now.innerText()).includes(words.now), `the button is "${await now.innerText()}"`);
  await now.click();
  await person.gone(person.id(`fault-${name}`));
  must(/^\d{4}-\d\d-\d\d$/.test(await field.inputValue()), 'today is a date');
  await person.see(person.id('period-day-pdf'));
}

/** The span of the table of alarms. */
export async function typesMoments(person, lang) {
  await types(person, 'alarm-from', '2026年11月3日 ８：０５');
  await holds(person, 'alarm-from', '2026-11-03 08:05');
  const from = Date.parse('2026-11-03T08:05:00+08:00');
  await person.page.waitForURL((url) => url.searchParams.get('from') === `${from}`, {
    timeout: STEP_MAX_MS,
  });
  await types(person, 'alarm-to', 'tomorrow');
  await person.fault('alarm-to', WORDS[lang].moment);
  await types(person, 'alarm-to', '2026.11.3 8:05');
  await person.see(person.id('fault-alarm-to'));
  await person.press('on-alarm-to');
  await holds(person, 'alarm-to', '2026-11-03 09:05');
  await person.gone(person.id('fault-alarm-to'));
  await person.page.waitForURL(
    (url) => url.searchParams.get('to') === `${from + 3_600_000}`, { timeout: STEP_MAX_MS });
  await person.press('alarm-clear');
  await holds(person, 'alarm-from', '');
  await holds(person, 'alarm-to', '');
}
