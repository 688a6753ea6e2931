// The gallery of components in both languages and both themes: built beside the page, never part of
// it. axe-core finds nothing serious, a tier is told by its shape and its word and not by colour
// alone, and every dialog says what is wrong at its fields.
// Usage: node gallery.mjs <siskin binary, not used> [folder for pictures].
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { seriousOf } from './axe.mjs';
import { launch } from './chromium.mjs';
import { must, STEP_MAX_MS } from './person.mjs';

const WEB = fileURLToPath(new URL('../../dashboards/web/', import.meta.url));
const LOOKS = [['zh', 'dark'], ['zh', 'light'], ['en', 'dark'], ['en', 'light']];
const TIERS = {
  zh: { blue: '蓝色', yellow: '黄色', orange: '橙色', red: '红色' },
  en: { blue: 'Blue', yellow: 'Yellow', orange: 'Orange', red: 'Red' },
};
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

async function build(outDir) {
  const vite = createRequire(join(WEB, 'package.json')).resolve('vite');
  // The package's entry of modules lies beside the one that `resolve` finds.
  const { build: make } = await import(pathToFileURL(vite).href);
  await make({
    root: WEB, configFile: join(WEB, 'vite.config.ts'), logLevel: 'error',
    build: { outDir, emptyOutDir: true, rolldownOptions: { input: join(WEB, 'gallery.html') } },
  });
}

/** Serves the folder; the station, which is not there, answers nothing but 503. */
async function serve(folder) {
  const server = createServer((asked, answer) => {
    const path = normalize(new URL(asked.url, 'http://gallery').pathname);
    const file = join(folder, path);
    if (path.startsWith('/api/') || !file.startsWith(folder) || !existsSync(file)) {
      answer.writeHead(path.startsWith('/api/') ? 503 : 404).end();
      return;
    }
    answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(answer);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What a person sees who sees no colours: every tier has its own outline and its word. */
async function tiersDiffer(page, lang) {
  const shapes = await page.evaluate((tiers) => tiers.map((tier) => [
    ...new Set([...document.querySelectorAll(`.tier-shape.${tier} polygon.body`)]
      .map((shape) => shape.getAttribute('points'))),
  ]), Object.keys(TIERS.zh));
  must(shapes.every((of) => of.length === 1), `shapes of tiers: ${JSON.stringify(shapes)}`);
  must(new Set(shapes.flat()).size === shapes.length, 'two tiers have the same shape');
  for (const [tier, word] of Object.entries(TIERS[lang])) {
    const of = page.locator(`[data-testid="warning"][data-tier="${tier}"]`);
    const texts = await of.allInnerTexts();
    must(texts.length > 0, `no warning of the tier ${tier} is in the gallery`);
    must(texts.every((text) => text.includes(word)), `a ${tier} warning does not say "${word}"`);
  }
}

async function dialogs(page, say) {
  const names = await page.locator('[data-dialog]').evaluateAll(
    (buttons) => buttons.map((button) => button.dataset.dialog));
  must(names.length > 0, 'the gallery has no dialogs');
  for (const name of names) {
    await page.locator(`[data-dialog="${name}"]`).click();
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor({ timeout: STEP_MAX_MS });
    const submit = dialog.locator('button[type="submit"]');
    if (await submit.isEnabled()) {
      await submit.click();
    }
    const found = await seriousOf(page);
    must(found.length === 0, `the dialog ${name}: ${found.join('\n')}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached', timeout: STEP_MAX_MS });
    const back = await page.evaluate(() => document.activeElement?.dataset.dialog);
    must(back === name, `after the dialog ${name} the keyboard is at "${back}"`);
  }
  say('dialogs', { names });
}

async function look(browser, url, lang, theme, folder, say) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  const thrown = [];
  page.on('pageerror', (error) => thrown.push(String(error)));
  await page.goto(`${url}/gallery.html?lang=${lang}&theme=${theme}`);
  await page.getByTestId('gallery').waitFor({ timeout: STEP_MAX_MS });
  const found = await seriousOf(page);
  must(found.length === 0, `${lang} ${theme}: ${found.join('\n')}`);
  await tiersDiffer(page, lang);
  if (folder) {
    const path = join(folder, `gallery-${lang}-${theme}.png`);
    await page.screenshot({ path, fullPage: true, animations: 'disabled' });
  }
  if (theme === (lang === 'zh' ? 'dark' : 'light')) {
    await dialogs(page, say);
  }
  must(thrown.length === 0, thrown.join('\n'));
  await page.close();
  say(`gallery-${lang}-${theme}`);
}

const folder = mkdtempSync(join(tmpdir(), 'siskin-gallery-'));
const pictures = process.argv[3];
const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
let browser;
let server;
try {
  await build(folder);
  server = await serve(folder);
  browser = await launch();
  for (const [lang, theme] of LOOKS) {
    await look(browser, `http://127.0.0.1:${server.address().port}`, lang, theme, pictures, say);
  }
} finally {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
}
