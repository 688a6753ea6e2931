// Language and theme: an address that names them is shown so, one that does not as they were last
// chosen in this browser, and in Chinese and dark where nothing was chosen or nothing is kept.
import { errorsOf } from './chromium.mjs';
import { must, STEP_MAX_MS } from './person.mjs';

async function shows(page, lang, theme) {
  const root = page.locator(`html[lang="${lang}"][data-theme="${theme}"]`);
  await root.waitFor({ state: 'attached', timeout: STEP_MAX_MS }).catch(async () => {
    const { lang: had, dataset } = await page.evaluate(() => {
      const { documentElement: html } = document;
      return { lang: html.lang, dataset: { ...html.dataset } };
    });
    throw new Error(`${page.url()} is ${had} and ${dataset.theme}, not ${lang} and ${theme}`);
  });
  // The words follow: the page is there, not only its frame.
  const word = lang === 'en' ? 'Overview' : '总览';
  await page.getByTestId('page-overview').filter({ hasText: word }).waitFor({
    timeout: STEP_MAX_MS,
  });
}

async function chosen(page, url) {
  await page.goto(url);
  await shows(page, 'zh-CN', 'dark');
  await page.getByTestId('lang').click();
  await page.getByTestId('theme').click();
  await shows(page, 'en', 'light');
  await page.goto(url);
  await shows(page, 'en', 'light');
  // An address with a language of its own is shown so, and is no choice.
  await page.goto(`${url}?lang=zh&theme=dark`);
  await shows(page, 'zh-CN', 'dark');
  await page.goto(new URL('/duty', url).href);
  await shows(page, 'en', 'light');
  await page.evaluate(() => {
    for (const name of Object.keys(window.localStorage)) {
      window.localStorage.setItem(name, '{"lang":');
    }
  });
  await page.goto(url);
  await shows(page, 'zh-CN', 'dark');
}

/** A browser that refuses to keep anything. */
async function refused(page, url) {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('refused', 'SecurityError');
      },
    });
  });
  await page.goto(url);
  await shows(page, 'zh-CN', 'dark');
  await page.getByTestId('lang').click();
  await shows(page, 'en', 'dark');
  await page.reload();
  await shows(page, 'en', 'dark');
  await page.goto(url);
  await shows(page, 'zh-CN', 'dark');
}

export async function remembersLooks(browser, url, say) {
  for (const look of [chosen, refused]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = errorsOf(page);
    await look(page, url);
    must(errors.length === 0, errors.join('\n'));
    await context.close();
  }
  say('looks');
}
