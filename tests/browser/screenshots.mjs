// Pictures of the page: overview, map and big screen from the demo, every page in every look, and
// what people, rules, alarms and devices look like while somebody works with them. All go into the
// first folder; those that the documents show are kept in docs/screenshots.
// Usage: node screenshots.mjs <siskin binary> <folder> [only one of PARTS]
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { alarmsInto, watchAlarms } from './alarms.mjs';
import { channelsInto, watchChannels } from './channels.mjs';
import { launch } from './chromium.mjs';
import { demoPictures } from './demo-pictures.mjs';
import { partsInto, watchEngineers } from './engineer.mjs';
import { keep } from './keep.mjs';
import { sheetsInto, watchPeople } from './people.mjs';
import { routePictures } from './route-pictures.mjs';
import { picturesInto, watchRules } from './rules.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Alarms on record in the pictures of their table. */
const ALARMS = 1_000;
const [binary, folder, only] = process.argv.slice(2);
const say = (step) => console.log(step);

const PARTS = {
  demo: (browser) => demoPictures(browser, binary, folder, say),
  pages: (browser) => routePictures(browser, binary, folder, say),
  rules: (browser) => watchRules(browser, binary, say, picturesInto(folder)),
  engineers: (browser) => watchEngineers(browser, binary, say, partsInto(folder)),
  people: (browser) => watchPeople(browser, binary, say, sheetsInto(folder)),
  alarms: (browser) => watchAlarms(browser, binary, say, tmpdir(), alarmsInto(folder), ALARMS),
  channels: (browser) => watchChannels(browser, binary, say, channelsInto(folder)),
};

mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  for (const [name, part] of Object.entries(PARTS)) {
    if (only === undefined || only === name) {
      await part(browser);
    }
  }
} finally {
  await browser.close();
}
console.log(keep(ROOT, folder, join(ROOT, 'docs/screenshots')).join('\n'));
