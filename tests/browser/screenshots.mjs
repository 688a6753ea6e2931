// Pictures of the page: for the README from the demo with a fixed seed, for the operator guide
// from a small park whose rules change and whose data come late, and from one with people.
// Usage: node screenshots.mjs <siskin binary> <folder>
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { channelsInto, watchChannels } from './channels.mjs';
import { errorsOf, launch } from './chromium.mjs';
import { addressOf, stopped } from './park.mjs';
import { sheetsInto, watchPeople } from './people.mjs';
import { picturesInto, watchRules } from './rules.mjs';

const SEED = '7';
const SHOWN_MAX_MS = 120_000;
const PICTURES = [
  { name: 'overview-zh-CN-dark', lang: 'zh', theme: 'dark', width: 1920, height: 1080 },
  { name: 'overview-zh-CN-light', lang: 'zh', theme: 'light', width: 1920, height: 1080 },
  { name: 'overview-en-dark', lang: 'en', theme: 'dark', width: 1920, height: 1080 },
  { name: 'overview-en-light', lang: 'en', theme: 'light', width: 1920, height: 1080 },
  { name: 'overview-zh-CN-dark-1366x768', lang: 'zh', theme: 'dark', width: 1366, height: 768 },
];
/** The trend of an analyzer in the cloud, so that the pictures show a rise. */
const CHANNEL = 'at-101-cl2';
const RED_CHLORINE = '[data-testid="warning"][data-tier="red"][data-gas="chlorine"]';
const SECOND_LEAK = '[data-testid="warning"][data-gas="hydrogen-sulfide"]';
const DEAD_ANALYZER = '[data-testid="equipment"][data-id="at-201"][data-no-data="true"]';

const [binary, folder] = process.argv.slice(2);

async function picture(browser, url, { name, lang, theme, width, height }) {
  const page = await browser.newPage({ viewport: { width, height } });
  const errors = errorsOf(page);
  await page.goto(`${url}?lang=${lang}&theme=${theme}&channel=${CHANNEL}`);
  await page.locator(RED_CHLORINE).first().waitFor({ timeout: SHOWN_MAX_MS });
  await page.locator(SECOND_LEAK).first().waitFor({ timeout: SHOWN_MAX_MS });
  await page.locator(DEAD_ANALYZER).waitFor({ timeout: SHOWN_MAX_MS });
  await page.locator('canvas').first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  await page.close();
  if (errors.length > 0) {
    throw new Error(`${name}: ${errors.join('\n')}`);
  }
  console.log(join(folder, `${name}.png`));
}

async function overview(browser) {
  const demo = spawn(binary, ['demo', '--port', '0', '--seed', SEED], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await addressOf(demo);
    for (const one of PICTURES) {
      await picture(browser, url, one);
    }
  } finally {
    await stopped(demo);
  }
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  await overview(browser);
  await watchRules(browser, binary, (step) => console.log(step), picturesInto(folder));
  await watchPeople(browser, binary, (step) => console.log(step), sheetsInto(folder));
  await watchChannels(browser, binary, (step) => console.log(step), channelsInto(folder));
} finally {
  await browser.close();
}
