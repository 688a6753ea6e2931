// The overview on small and large screens, zoomed in, by keyboard, on the map and without one; and the
// screen on the wall. The park has a red warning and an analyzer that says nothing.
import { seriousOf } from './axe.mjs';
import { errorsOf, launch } from './chromium.mjs';
import { watchPage } from './hearing.mjs';

const STEP_MAX_MS = 20_000;
const SIZES = [[1366, 768], [1920, 1080], [3840, 2160]];
const LOOKS = [['zh', 'dark'], ['zh', 'light'], ['en', 'dark'], ['en', 'light']];
/** Height of capitals in parts of the font's size, at least, and what the wall asks for. */
const CAPITALS = 0.7;
const CAPITALS_MIN = 0.03;
/** Warnings on a wall that has room for three at most. */
const CROWD = 5;
/** What must be on a page at any size. */
const PARTS = ['standing', 'warning', 'analyzer', 'sound-open'];

function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

async function open(browser, url, width, height) {
  const page = await browser.newPage({ viewport: { width, height } });
  const errors = errorsOf(page);
  await page.addInitScript(watchPage);
  await page.goto(url.href);
  return { page, errors };
}

function address(park, path, lang, theme) {
  const url = new URL(path, park.url);
  url.searchParams.set('lang', lang);
  url.searchParams.set('theme', theme);
  return url;
}

async function axe(page, name) {
  const found = await seriousOf(page);
  must(found.length === 0, `${name}: ${found.join('\n')}`);
}

const overflow = (page) => page.evaluate(() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return [scrollWidth - window.innerWidth, scrollHeight - window.innerHeight];
});

async function overviews(browser, park, picture) {
  for (const [lang, theme] of LOOKS) {
    // The small one in every look; the large ones, which are slow to draw, in two.
    const isBoth = (lang === 'zh') === (theme === 'dark');
    for (const [width, height] of SIZES.slice(0, isBoth ? SIZES.length : 1)) {
      const { page, errors } = await open(browser, address(park, '/', lang, theme), width, height);
      const name = `standing-${lang}-${theme}-${width}`;
      await page.locator('[data-testid="warning"][data-tier="red"]').waitFor();
      await page.locator('[data-testid="analyzer"][data-id="at-2"]').waitFor();
      const [x, y] = await overflow(page);
      must(x <= 0 && y <= 0, `${name} scrolls: ${x} px, ${y} px`);
      if (width === 1366) {
        await axe(page, name);
      }
      await picture(page, name);
      must(errors.length === 0, `${name}: ${errors.join('\n')}`);
      await page.close();
    }
  }
}

/** 200 %: half as many pixels of CSS. Nothing is cut off to the side, everything is still there. */
async function zoomed(browser, park, picture) {
  const { page } = await open(browser, address(park, '/', 'zh', 'dark'), 683, 384);
  for (const part of PARTS) {
    const found = page.getByTestId(part).first();
    await found.waitFor({ timeout: STEP_MAX_MS });
    await found.scrollIntoViewIfNeeded();
    const box = await found.boundingBox();
    must(box.x >= 0 && box.x + box.width <= 683, `${part} is cut off: ${JSON.stringify(box)}`);
  }
  const [x] = await overflow(page);
  must(x <= 0, `zoomed to 200 % the page scrolls to the side by ${x} px`);
  await picture(page, 'standing-zoomed');
  await page.close();
}

/** Sizes of all words on the page, in parts of the screen's height. */
const wordSizes = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.querySelector('[data-testid="big-screen"]'),
    NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    const isDrawn = parentElement.closest('svg, .visually-hidden') === null;
    if (isDrawn && textContent.trim() !== '' && parentElement.checkVisibility()) {
      const size = parseFloat(getComputedStyle(parentElement).fontSize) / window.innerHeight;
      found.push({ text: textContent.trim(), size });
    }
  }
  return found;
});

async function wall(browser, park, say, picture) {
  for (const [lang, theme] of LOOKS) {
    const url = address(park, '/big-screen', lang, theme);
    const { page, errors } = await open(browser, url, 1920, 1080);
    const name = `big-screen-${lang}-${theme}`;
    await page.getByTestId('big-warning').first().waitFor({ timeout: STEP_MAX_MS });
    await page.locator('[data-testid="analyzer"][data-id="at-2"]').waitFor();
    const words = await wordSizes(page);
    const small = words.filter(({ size }) => size * CAPITALS < CAPITALS_MIN);
    must(words.length > 8 && small.length === 0, `${name}: too small: ${JSON.stringify(small)}`);
    const [x, y] = await overflow(page);
    must(x <= 0 && y <= 0, `${name} scrolls: ${x} px, ${y} px`);
    const pressed = await page.locator('button:visible, a:visible, input:visible').count();
    must(pressed === 0, `${name} has ${pressed} things to press`);
    const cursor = await page.getByTestId('big-screen').evaluate(
      (main) => getComputedStyle(main).cursor);
    must(cursor === 'none', `${name} has a cursor`);
    must(await page.evaluate(() => window.tones.length) === 0, `${name} sounds`);
    await axe(page, name);
    await picture(page, name);
    must(errors.length === 0, `${name}: ${errors.join('\n')}`);
    await page.close();
  }
  say('wall');
}

/** What one picture of the wall has, after its letters came and it was laid out. */
async function drawnOnWall() {
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const all = (id) => [...document.querySelectorAll(`[data-testid="${id}"]`)];
  const [more] = all('big-more');
  const [foot] = all('big-foot');
  return {
    shown: all('big-warning').length,
    told: Number(more.textContent.match(/\d+/)?.[0]),
    isWhole: more.getBoundingClientRect().bottom <= foot.getBoundingClientRect().top,
  };
}

/** More warnings than the wall has room for: none is cut off, and those left out are counted. */
async function crowdedWall(browser, park, say) {
  for (const lang of ['zh', 'en']) {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.route(({ pathname }) => pathname === '/api/v1/warnings', async (route) => {
      const answer = await route.fetch();
      const [one] = await answer.json();
      const others = Array.from({ length: CROWD - 1 }, (_, i) =>
        ({ ...one, id: `${one.id}.${i}` }));
      const json = [one, ...others];
      await route.fulfill({ response: answer, json });
    });
    await page.goto(address(park, '/big-screen', lang, 'dark').href);
    await page.getByTestId('big-more').waitFor({ timeout: STEP_MAX_MS });
    const { shown, told, isWhole } = await page.evaluate(drawnOnWall);
    must(shown >= 2 && shown + told === CROWD, `${lang}: ${shown} shown, ${told} counted`);
    must(isWhole, `${lang}: the line that counts the rest is cut off`);
    await page.close();
  }
  say('crowded wall');
}

const marksOf = (page) => page.locator('[data-testid="analyzer"]').evaluateAll(
  (marks) => marks.map(({ dataset }) => `${dataset.id} ${dataset.tier}`).toSorted().join());

async function onTheMap(park, say, picture) {
  const browser = await launch();
  try {
    const { page, errors } = await open(browser, address(park, '/', 'zh', 'dark'), 1920, 1080);
    await page.locator('[data-testid="warning"][data-tier="red"]').waitFor();
    const plan = await marksOf(page);
    await page.getByTestId('map-toggle').click();
    await page.locator('[data-ground="map"]').waitFor({ timeout: STEP_MAX_MS });
    await page.getByTestId('map-ground').locator('canvas').waitFor();
    must(await marksOf(page) === plan, 'the map has other marks than the plan');
    const mark = page.locator('[data-testid="analyzer"][tabindex="0"]');
    await mark.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="analyzer"][aria-pressed="true"]').waitFor();
    await picture(page, 'map-zh-dark');
    await axe(page, 'map');

    // Whoever looks closely at one corner is told of what is in alarm elsewhere.
    const box = await page.getByTestId('map-ground').boundingBox();
    await page.mouse.move(box.x + box.width - 20, box.y + box.height / 2);
    for (let i = 0; i < 8 && !(await page.getByTestId('map-outside').isVisible()); i += 1) {
      await page.mouse.wheel(0, -600);
      await page.waitForTimeout(400);
    }
    await page.getByTestId('map-outside').waitFor({ timeout: STEP_MAX_MS });
    await page.getByTestId('map-whole').click();
    await page.getByTestId('map-outside').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
    await page.getByTestId('theme').click();
    await picture(page, 'map-zh-light');
    must(errors.length === 0, errors.join('\n'));
    await page.getByTestId('map-toggle').click();
    await page.locator('[data-ground="plan"]').waitFor();
    say('map');
  } finally {
    await browser.close();
  }
}

async function withoutWebgl(park, say) {
  const browser = await launch({ hasWebgl: false });
  try {
    const { page } = await open(browser, address(park, '/', 'en', 'light'), 1366, 768);
    await page.locator('[data-ground="plan"] [data-testid="analyzer"]').first().waitFor();
    must(await page.getByTestId('map-toggle').count() === 0, 'offers a map that cannot be drawn');
    must(await page.getByTestId('map-ground').count() === 0, 'a map without WebGL');
    say('plan');
  } finally {
    await browser.close();
  }
}

export async function lookAt(browser, park, say, picture) {
  await overviews(browser, park, picture);
  say('sizes');
  await zoomed(browser, park, picture);
  say('zoomed');
  await wall(browser, park, say, picture);
  await crowdedWall(browser, park, say);
  await withoutWebgl(park, say);
  await onTheMap(park, say, picture);
}
