// Pictures of the overview from the demo with a fixed seed: both languages and themes, and from a
// small screen to a wall.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { errorsOf } from './chromium.mjs';
import { addressOf, stopped } from './park.mjs';
import { screenPictures } from './screen-pictures.mjs';

const SEED = '7';
const SHOWN_MAX_MS = 120_000;
const SIZES = ['1366x768', '3840x2160'];
const LOOKS = [['zh', 'dark'], ['zh', 'light'], ['en', 'dark'], ['en', 'light']];
const LANGS = { zh: 'zh-CN', en: 'en' };
const PICTURES = LOOKS.flatMap(([lang, theme]) => [
  { name: `overview-${LANGS[lang]}-${theme}`, lang, theme, size: '1920x1080' },
  ...SIZES.map((size) => ({
    name: `overview-${LANGS[lang]}-${theme}-${size}`, lang, theme, size,
  })),
]);
/** The trend of an analyzer in the cloud, so that the pictures show a rise. */
const CHANNEL = 'at-101-cl2';
const RED_CHLORINE = '[data-testid="warning"][data-tier="red"][data-gas="chlorine"]';
const SECOND_LEAK = '[data-testid="warning"][data-gas="hydrogen-sulfide"]';
const DEAD_ANALYZER = '[data-testid="equipment"][data-id="at-201"][data-no-data="true"]';

async function picture(browser, url, { name, lang, theme, size }, folder) {
  const [width, height] = size.split('x').map(Number);
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
}

export async function demoPictures(browser, binary, folder, say) {
  const demo = spawn(binary, ['demo', '--port', '0', '--seed', SEED], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await addressOf(demo);
    for (const one of PICTURES) {
      await picture(browser, url, one, folder);
      say(one.name);
    }
    await screenPictures(browser, url, folder);
  } finally {
    await stopped(demo);
  }
}
