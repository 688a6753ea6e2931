// Pictures of the big screen, the map and the box of sound, from the demo.
import { join } from 'node:path';

const SHOWN_MAX_MS = 120_000;
const RED = '[data-tier="red"]';
const LOOKS = [['zh', 'dark'], ['en', 'light']];

async function shot(browser, url, folder, name, prepare) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(url.href);
  await prepare(page);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  await page.close();
  console.log(path);
}

function address(base, path, lang, theme) {
  const url = new URL(path, base);
  url.searchParams.set('lang', lang);
  url.searchParams.set('theme', theme);
  return url;
}

export async function screenPictures(browser, base, folder) {
  for (const [lang, theme] of LOOKS) {
    const wall = address(base, '/big-screen', lang, theme);
    await shot(browser, wall, folder, `big-screen-${lang}-${theme}`, async (page) => {
      await page.locator(`[data-testid="big-warning"]${RED}`).waitFor({ timeout: SHOWN_MAX_MS });
    });
    const map = address(base, '/', lang, theme);
    await shot(browser, map, folder, `map-${lang}-${theme}`, async (page) => {
      await page.locator(`[data-testid="warning"]${RED}`).first().waitFor({ timeout: SHOWN_MAX_MS });
      await page.getByTestId('map-toggle').click();
      await page.locator('[data-ground="map"]').waitFor({ timeout: SHOWN_MAX_MS });
      await page.getByTestId('sound-open').click();
      await page.getByTestId('sound-box').waitFor();
    });
  }
}
