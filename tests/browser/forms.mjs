// Bad input in every form of the page, against a real station: one row a form (form-rows-*.mjs),
// each with what may be typed wrongly and what must be said of it; form-check.mjs is what all must
// do. A unit test of the page fails where a form has no row.
// Usage: node forms.mjs <siskin binary> [names of rows]. Prints one JSON line a row; ends with 0
// when all went as it must.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { alone } from './alone.mjs';
import { errorsOf } from './chromium.mjs';
import { checkRow } from './form-check.mjs';
import { CALM_ROWS, setUpRow } from './form-rows-calm.mjs';
import { RED_ROWS, RETURNED_ROWS } from './form-rows-red.mjs';
import { SmallPark } from './park.mjs';
import { must, Person, sit } from './person.mjs';
import { CALM_PPM, StaffedPark } from './staffed.mjs';

const RED_PPM = 6;
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

/** Nobody can sign in, and nothing is seen without it. */
class NewPark extends SmallPark {
  makePeople() {}

  writeSite(port) {
    super.writeSite(port);
    const path = join(this.folder, 'site/site.toml');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('anonymous = "viewer"', 'anonymous = "none"'));
  }

  run(program, args, stdin) {
    const child = super.run(program, args, stdin);
    child.stdout.on('data', (bytes) => {
      this.said = `${this.said ?? ''}${bytes}`;
    });
    return child;
  }

  /** It stands at the end of the line before the address. */
  code() {
    return /: (\S+)\s*\n[^\n]*http:/.exec(this.said)?.[1];
  }
}

/** Somebody who has not signed in. */
async function guest(browser, park, say) {
  const page = await (await browser.newContext()).newPage();
  const person = new Person(page, say, async () => {});
  person.errors = errorsOf(page);
  await page.goto(`${park.url}?lang=zh&theme=dark`);
  return person;
}

async function watchSetUp(browser, binary, say) {
  const park = new NewPark();
  try {
    await park.start(binary);
    await checkRow(await guest(browser, park, say), setUpRow(park.code()));
  } finally {
    await park.stop();
  }
}

/** All rows, in a browser that the caller closes; `only`: their names. */
export async function watchForms(browser, binary, say, only = []) {
  const park = new PatientPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    let ppm = CALM_PPM;
    park.feedTwo(() => ppm);
    const people = {};
    const wrong = [];
    for (const name of ['wang', 'li', 'zhao']) {
      people[name] = await sit(browser, park, name, 'zh', say, async () => {});
    }
    people.guest = await guest(browser, park, say);
    const check = async (rows) => {
      for (const row of rows.filter(({ name }) => only.length === 0 || only.includes(name))) {
        const person = people[row.who];
        await checkRow(person, row).catch(async ({ message }) => {
          wrong.push(message);
          say('wrong', { message });
          await person.page.goto(`${park.url}?lang=zh&theme=dark`);
        });
      }
    };
    await check(CALM_ROWS);
    ppm = RED_PPM;
    await people.wang.press('page-overview');
    await people.wang.see(people.wang.warning('active-unacknowledged'));
    await check(RED_ROWS);
    ppm = CALM_PPM;
    await people.wang.press('page-overview');
    await people.wang.see(people.wang.id('act-cancel'));
    await check(RETURNED_ROWS);
    // Only the failures that the test made may be told, and that a busy station said so.
    const made = /ERR_FAILED|status of (4\d\d|502)|503 .*\/rules\/check/;
    const errors = Object.values(people).flatMap((one) => one.errors)
      .filter((error) => !made.test(error));
    must(errors.length === 0, errors.join('\n'));
    if (only.length === 0 || only.includes('set-up')) {
      await watchSetUp(browser, binary, say).catch(({ message }) => wrong.push(message));
    }
    must(wrong.length === 0, wrong.join('\n'));
    say('forms');
  } finally {
    await park.stop();
  }
}

await alone(import.meta.url, (browser, say, binary, ...only) =>
  watchForms(browser, binary, say, only));
