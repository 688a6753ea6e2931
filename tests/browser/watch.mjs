// An operator's minute with the page: sees the red warning appear, acknowledges it, reloads and sees
// who did and when; then the station freezes, and the page must not look live any more. At the
// end the same program reads another park, whose rules change and whose data come late.
// Usage: node watch.mjs <url> <process id of the station>. Prints one JSON line a step; ends with 0
// when all went as it must.
import { errorsOf, launch } from './chromium.mjs';
import { watchRules } from './rules.mjs';

const RED_MAX_MS = 110_000;
const STEP_MAX_MS = 15_000;
const LOST_WAIT_MS = 10_000;
const RED_CHLORINE = '[data-testid="warning"][data-tier="red"][data-gas="chlorine"]';
/** The account, as tests/src/accounts.rs makes it. */
const NAME = 'wang';
const PASSWORD = 'correct horse battery';
const NOTE = '已通知罐区，人员撤离 · tank farm told';

const [url, station] = process.argv.slice(2);

function say(step, more = {}) {
  console.log(JSON.stringify({ step, ...more }));
}

/** Notes in the page when the last heartbeat came and when the cover appeared. */
function watchBeats() {
  const Original = window.EventSource;
  window.EventSource = class extends Original {
    constructor(...args) {
      super(...args);
      for (const name of ['hello', 'heartbeat']) {
        this.addEventListener(name, () => {
          window.beatAtMs = performance.now();
        });
      }
    }
  };
  new MutationObserver(() => {
    const covered = document.querySelector('[data-testid="overlay-lost"]') !== null;
    window.coveredAtMs = covered ? (window.coveredAtMs ?? performance.now()) : undefined;
  }).observe(document, { childList: true, subtree: true });
}

async function seeRed(page) {
  const red = page.locator(RED_CHLORINE).first();
  await red.waitFor({ timeout: RED_MAX_MS });
  const state = await red.getAttribute('data-state');
  if (state !== 'active-unacknowledged') {
    throw new Error(`the red warning is ${state}`);
  }
  const id = await red.getAttribute('data-id');
  say('red', { id, text: await red.innerText() });
  return id;
}

async function acknowledge(page, id) {
  const item = page.locator(`[data-testid="warning"][data-id="${id}"]`);
  await item.getByTestId('ack-open').click();
  // Nobody has signed in: whoever wants to act is asked to.
  await page.getByTestId('sign-in-name').fill(NAME);
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('ack-who').getByText(NAME).waitFor({ timeout: STEP_MAX_MS });
  await page.getByTestId('ack-note').fill(NOTE);
  await page.getByTestId('ack-submit').click();
  await page.getByTestId('ack-submit').waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  await page
    .locator(`[data-testid="warning"][data-id="${id}"][data-state="active-acknowledged"]`)
    .waitFor({ timeout: STEP_MAX_MS });
  say('acknowledged', { id });
}

async function seeWhoAndWhen(page, id) {
  const item = page.locator(`[data-testid="warning"][data-id="${id}"]`);
  const told = item.getByTestId('acknowledged');
  await told.waitFor({ timeout: STEP_MAX_MS });
  const text = await told.innerText();
  for (const part of [NAME, NOTE]) {
    if (!text.includes(part)) {
      throw new Error(`after the reload "${part}" is not in "${text}"`);
    }
  }
  if (!/\d{2}:\d{2}:\d{2}/.test(text)) {
    throw new Error(`after the reload there is no time in "${text}"`);
  }
  say('reloaded', { text });
}

async function loseTheStation(page) {
  const cover = page.getByTestId('overlay-lost');
  if (await cover.isVisible()) {
    throw new Error('the page is covered although the station lives');
  }
  process.kill(Number(station), 'SIGSTOP');
  try {
    await cover.waitFor({ state: 'visible', timeout: LOST_WAIT_MS });
  } finally {
    const { beatAtMs, coveredAtMs } = await page.evaluate(() => ({
      beatAtMs: window.beatAtMs,
      coveredAtMs: window.coveredAtMs,
    }));
    say('lost', { covered_after_ms: coveredAtMs - beatAtMs });
    process.kill(Number(station), 'SIGCONT');
  }
  await cover.waitFor({ state: 'hidden', timeout: STEP_MAX_MS });
  await page.locator(RED_CHLORINE).first().waitFor({ timeout: STEP_MAX_MS });
  say('back');
}

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  const errors = errorsOf(page);
  await page.addInitScript(watchBeats);
  await page.goto(url);
  const id = await seeRed(page);
  await acknowledge(page, id);
  await page.reload();
  await seeWhoAndWhen(page, id);
  await loseTheStation(page);
  say('console', { errors });
  await page.close();
  await watchRules(browser, `/proc/${station}/exe`, say);
} finally {
  await browser.close();
}
