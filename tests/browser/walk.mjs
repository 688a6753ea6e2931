// Every page of the route table, by keyboard only and at 200 % zoom (a window of 1920x1080 then
// has 960x540): nothing lies beyond the right edge, Tab reaches everything that can be pressed or
// filled in, what has the focus is seen and marked, and there is no trap.
// Usage: node walk.mjs <siskin binary> [name of one route]. Prints one JSON line a page and look.
import { launch } from './chromium.mjs';
import { focusNow, prepare, unreached } from './focus.mjs';
import { must, sit, STEP_MAX_MS } from './person.mjs';
import { addressOfRoute, examplesOf, feedRed, routes } from './routes.mjs';
import { StaffedPark } from './staffed.mjs';

const ZOOMED = { viewport: { width: 960, height: 540 }, deviceScaleFactor: 2 };
/** Tab presses beyond the number of targets: lists may grow while somebody walks. */
const SPARE_TABS = 60;
const LOOKS = [['zh', 'dark'], ['en', 'light']];

async function fits(page, what) {
  const over = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  must(over <= 1, `${what}: ${over} px lie beyond the right edge at 200 %`);
}

/** Tabs through the page until the first place comes again; gives how many places that were. */
async function tabThrough(page, what) {
  const count = await page.evaluate(prepare);
  const wrong = [];
  const passed = new Set();
  for (let i = 0; i < count + SPARE_TABS; i += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(focusNow);
    if (at === null) {
      // The browser's own bar comes after the last place: the page lets go.
      if (passed.size > 0) {
        break;
      }
      continue;
    }
    if (at.isAgain) {
      break;
    }
    if (!at.isSeen || !at.isMarked) {
      wrong.push(`${at.isSeen ? 'not marked' : 'not seen'}: ${at.what}`);
    }
    passed.add(at.what);
  }
  const left = await page.evaluate(unreached);
  wrong.push(...left.map((one) => `not reached by Tab: ${one}`));
  must(wrong.length === 0, `${what}: ${wrong.join('\n')}`);
  return passed.size;
}

async function walk(page, park, route, examples, [lang, theme], say) {
  const what = `${route.name} ${lang}`;
  await page.goto(addressOfRoute(park, route, examples, lang, theme));
  await page.locator('main').first().waitFor({ timeout: STEP_MAX_MS });
  await page.evaluate(() => document.fonts.ready);
  await fits(page, what);
  say(`walk ${what}`, { places: await tabThrough(page, what) });
}

/** Pages that have nothing to press: a screen on a wall. */
const FOR_LOOKING_ONLY = ['big-screen'];
const isWalked = ({ name }, only) =>
  !FOR_LOOKING_ONLY.includes(name) && (only === undefined || name === only);

async function all(browser, binary, only, say) {
  const park = new StaffedPark();
  try {
    await park.start(binary);
    await park.fillRoster();
    feedRed(park);
    const zhao = await sit(browser, park, 'zhao', 'zh', say, async () => {}, ZOOMED);
    const examples = await examplesOf(zhao, park);
    const wrong = [];
    for (const route of routes().filter((one) => isWalked(one, only))) {
      for (const look of LOOKS) {
        await walk(zhao.page, park, route, examples, look, say)
          .catch(({ message }) => wrong.push(message));
      }
    }
    must(wrong.length === 0, wrong.join('\n'));
    say('walked');
  } finally {
    await park.stop();
  }
}

const browser = await launch();
try {
  await all(browser, process.argv[2], process.argv[3],
    (step, more = {}) => console.log(JSON.stringify({ step, ...more })));
} finally {
  await browser.close();
}
