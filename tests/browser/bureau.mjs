// A bureau's account of one area, while the warning of another area is active: what its page shows,
// in Chinese and English, and what it does not. Beside it the park's operator sees all.
// Usage: node bureau.mjs <siskin binary>. Prints one JSON line a step; ends with 0 when all went as
// it must.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import { alone } from './alone.mjs';
import { must, sit } from './person.mjs';
import { PASSWORD, StaffedPark } from './staffed.mjs';

const RED_PPM = 6;
/** What is of the tank farm; nothing of it may stand on the page of the jetty's bureau. */
const OTHER = /tank-farm|at-1|液氯罐区|Chlorine tank farm/;

const JETTY = `
[[area]]
id = "jetty"
name = { zh = "装卸码头", en = "Loading jetty" }
kind = "unit"
outline = [
  { x_m = 100.0, y_m = 0.0 }, { x_m = 180.0, y_m = 0.0 },
  { x_m = 180.0, y_m = 50.0 }, { x_m = 100.0, y_m = 50.0 },
]
`;

/** The second analyzer stands at the jetty. */
class TwoAreas extends StaffedPark {
  makePeople(people) {
    super.makePeople(people);
    people(PASSWORD, 'add', 'jetty-bureau', '--role', 'bureau', '--area', 'jetty',
      '--password-stdin');
  }

  writeSite(port) {
    super.writeSite(port);
    const site = join(this.folder, 'site');
    appendFileSync(join(site, 'areas.toml'), JETTY);
    this.moveAnalyzer('at-2', 'jetty');
  }
}

async function looks(bureau, words) {
  const pages = bureau.page.locator('nav.pages');
  for (const name of ['kpis', 'engineer', 'people']) {
    must(await pages.getByTestId(`page-${name}`).count() === 0, `${name} is offered`);
  }
  await bureau.see(pages.getByTestId('page-incidents'));
  must(await bureau.id('kpis-open').count() === 0, 'figures are offered');
  await bureau.page.goto(new URL(`/bureau?lang=${words.lang}`, bureau.page.url()).href);
  const areas = bureau.id('area-now');
  await bureau.see(areas.filter({ hasText: words.area }));
  must(await areas.count() === 1, 'another area stands there');
  const told = await (await bureau.see(bureau.id('some-areas'))).innerText();
  must(told.includes(words.area) && told.includes('HJ 212'), `told is "${told}"`);
  must(await bureau.id('period-day-pdf').count() === 0, 'reports of the park are offered');
  must(await bureau.id('delivery').count() === 0, 'a message of another area is shown');
  await bureau.judge(`bureau-${words.lang}`);
  for (const path of ['', 'bureau', 'alarms', 'incidents', 'channels', 'drills', 'duty']) {
    const address = new URL(`/${path}?lang=${words.lang}`, bureau.page.url()).href;
    await bureau.page.goto(address);
    await bureau.see(bureau.page.locator('main'));
    await bureau.see(bureau.id('who'));
    const text = await bureau.page.locator('body').innerText();
    must(!OTHER.test(text), `/${path} shows another area: ${OTHER.exec(text)}`);
  }
  bureau.say('looks', { lang: words.lang, told });
}

/** What the address of the other area's warning gives: a refusal in words, and no value. */
async function asksForOther(bureau, id) {
  await bureau.page.goto(new URL(`/warnings/${encodeURIComponent(id)}`, bureau.page.url()).href);
  await bureau.see(bureau.page.locator('main'));
  const answer = await bureau.page.evaluate(async (of) => {
    const response = await fetch(`/api/v1/warnings/${encodeURIComponent(of)}/events`);
    return { status: response.status, body: await response.json() };
  }, id);
  must(answer.status === 403 && answer.body.type.endsWith('other-area'), JSON.stringify(answer));
  must(answer.body.detail_zh.includes('不在您的职责范围内'), answer.body.detail_zh);
  bureau.say('asks-for-other', { status: answer.status });
}

/** All steps, in a browser that the caller closes. */
export async function watchBureau(browser, binary, say, picture = async () => {}) {
  const park = new TwoAreas();
  try {
    await park.start(binary);
    park.feedTwo(() => RED_PPM);
    const wang = await sit(browser, park, 'wang', 'zh', say, picture);
    await wang.see(wang.warning('active-unacknowledged'));
    const [{ id }] = await park.get('/warnings');
    const zh = await sit(browser, park, 'jetty-bureau', 'zh', say, picture);
    await looks(zh, { lang: 'zh', area: '装卸码头' });
    const en = await sit(browser, park, 'jetty-bureau', 'en', say, picture);
    await looks(en, { lang: 'en', area: 'Loading jetty' });
    await asksForOther(zh, id);
    const errors = [wang, zh, en].flatMap((one) => one.errors)
      .filter((error) => !/403 .*\/warnings\//.test(error));
    must(errors.length === 0, errors.join('\n'));
  } finally {
    await park.stop();
  }
}

await alone(import.meta.url, (browser, say, binary) => watchBureau(browser, binary, say));
