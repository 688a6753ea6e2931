// A picture of every page of the route table, in both languages and both themes, from a park with
// people and a red warning.
import { join } from 'node:path';

import { sit, STEP_MAX_MS } from './person.mjs';
import { addressOfRoute, examplesOf, feedRed, routes } from './routes.mjs';
import { StaffedPark } from './staffed.mjs';

const LOOKS = [['zh', 'dark'], ['zh', 'light'], ['en', 'dark'], ['en', 'light']];

/** What must be on a page before its picture is taken; else its main part is enough. */
const READY = {
  overview: 'warning', warning: 'timeline-entry', incident: 'incident-detail',
  incidents: 'incident-link', duty: 'roster-shift', bureau: 'delivery', channels: 'spark',
  people: 'person', 'big-screen': 'big-warning', engineer: 'rule-state',
};

async function picture(page, park, route, examples, [lang, theme], folder) {
  await page.goto(addressOfRoute(park, route, examples, lang, theme));
  const mark = READY[route.name];
  const sign = mark ? page.getByTestId(mark) : page.locator('main');
  await sign.first().waitFor({ timeout: STEP_MAX_MS });
  await page.evaluate(() => document.fonts.ready);
  const path = join(folder, `page-${route.name}-${lang}-${theme}.png`);
  await page.screenshot({ path, animations: 'disabled' });
}

export async function routePictures(browser, binary, folder, say) {
  const park = new StaffedPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    feedRed(park);
    const zhao = await sit(browser, park, 'zhao', 'zh', say, async () => {});
    const examples = await examplesOf(zhao, park);
    for (const route of routes()) {
      for (const look of LOOKS) {
        await picture(zhao.page, park, route, examples, look, folder);
      }
      say(`page-${route.name}`);
    }
  } finally {
    await park.stop();
  }
}
