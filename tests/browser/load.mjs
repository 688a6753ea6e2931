// What the page does under load, seen by the browser's own counters: work of scripts for the
// readings that came, long tasks, and what is in memory after the garbage is gone.
// Usage: node load.mjs load|soak <url> <moments> <heartbeats between two> [warnings]. Prints one
// JSON line a step; ends with 0 when all went as it must.
//
// Script time is the thread's, not the clock's. Figures are judged with `SISKIN_IDLE` only: on a busy
// machine readings come late, rows of late analyzers come and go, and a page does other work.
import { errorsOf, launch } from './chromium.mjs';
import { must, STEP_MAX_MS } from './person.mjs';
import { PASSWORD } from './staffed.mjs';

/** A core's share that scripts may take. */
const SHARE_MAX = 0.2;
/** The same as work: at 2,000 readings a second, seconds of a core for 1,000 readings. */
const SCRIPT_S_PER_1000_MAX = 0.1;
/** Of the readings that are sent, at least so many a second must have come: else nothing is proved. */
const READINGS_PER_S_MIN = 1_000;
const LONG_TASK_MS = 100;
/** From the request of the page to the first values, with nothing in the cache. */
const PAINT_MAX_MS = 1_500;
/** The machine does nothing else: figures are judged too, not only what is there. */
const IS_IDLE = process.env.SISKIN_IDLE !== undefined;
/** What the heap may have grown by, from the end of the warm-up to the end. */
const HEAP_RATIO_MAX = IS_IDLE ? 1.15 : 1.5;
/** So may nodes and listeners: ages and states change words, not what is there. */
const COUNT_RATIO_MAX = 1.05;
/** More rows than a screen has places for are not in the document. */
const ROWS_MAX = 200;
/** Moments that belong to the warm-up: caches of the engine and of words fill. */
const WARM_UP = { load: 1, soak: 2 };

const say = (step, more = {}) => {
  console.log(JSON.stringify({ step, ...more }));
};

/** Counts what comes by the stream, outside of the page. */
async function listen(session) {
  const seen = { events: 0, readings: 0, beats: 0, greetings: 0 };
  let wake = () => {};
  session.on('Network.eventSourceMessageReceived', ({ eventName, data }) => {
    seen.events += 1;
    if (eventName === 'readings') {
      seen.readings += JSON.parse(data).length;
    } else if (eventName === 'hello') {
      seen.greetings += 1;
    } else if (eventName === 'heartbeat') {
      seen.beats += 1;
      wake();
    }
  });
  await session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 });
  const beats = async (count) => {
    const until = seen.beats + count;
    while (seen.beats < until) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  };
  return { seen, beats };
}

async function counters(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** What is left when the garbage is gone. */
async function moment(session) {
  // Twice: what the first pass has only made ready to go, goes with the second.
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize, Nodes, JSEventListeners } = await counters(session);
  return { heap: JSHeapUsedSize, nodes: Nodes, listeners: JSEventListeners };
}

/** The longest since it was asked last, and how many were too long. */
async function longTasks(page) {
  const found = await page.evaluate(() => globalThis.longTasks.splice(0));
  return {
    over: found.filter((ms) => ms > LONG_TASK_MS).length,
    longest: Math.round(Math.max(0, ...found)),
  };
}

async function open(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  const errors = errorsOf(page);
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const stream = await listen(session);
  await page.goto(url);
  await page.getByTestId('sign-in-name').fill('wang', { timeout: STEP_MAX_MS });
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('channel-row').first().waitFor({ timeout: STEP_MAX_MS });
  // Whoever comes back in the morning is signed in, and has nothing in the cache.
  await session.send('Network.clearBrowserCache');
  await page.goto(url);
  await page.getByTestId('channel-row').first().waitFor({ timeout: STEP_MAX_MS }).catch(async () => {
    const text = await page.locator('body').innerText();
    throw new Error(`no row is shown: ${errors.join('; ')}\n${text.slice(0, 2_000)}`);
  });
  const paint = await page.evaluate(() => ({
    first_ms: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
    useful_ms: Math.round(performance.now()),
    kB: Math.round(performance.getEntriesByType('resource')
      .filter(({ name }) => name.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1_000),
  }));
  say('paint', paint);
  must(!IS_IDLE || paint.useful_ms < PAINT_MAX_MS, `first values after ${paint.useful_ms} ms`);
  return { page, session, stream, errors };
}

function bounded(what, values, ratioMax) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  must(high <= low * ratioMax, `${what}: ${values.join(', ')}; at most ${ratioMax} times is right`);
}

/** Grown only: what falls is no leak. */
function steady(kind, moments) {
  const kept = moments.slice(WARM_UP[kind]);
  const heaps = kept.map(({ heap }) => heap);
  must(heaps.at(-1) <= heaps[0] * HEAP_RATIO_MAX, `the heap grows: ${heaps.join(', ')}`);
  if (kind === 'load' && IS_IDLE) {
    bounded('nodes', kept.map(({ nodes }) => nodes), COUNT_RATIO_MAX);
    bounded('listeners', kept.map(({ listeners }) => listeners), COUNT_RATIO_MAX);
  }
}

async function profiled(session, work) {
  if (process.env.SISKIN_PROFILE === undefined) {
    return work();
  }
  const { writeFileSync } = await import('node:fs');
  await session.send('Profiler.enable');
  await session.send('Profiler.start');
  const done = await work();
  const { profile } = await session.send('Profiler.stop');
  writeFileSync(process.env.SISKIN_PROFILE, JSON.stringify(profile));
  return done;
}

async function judged(kind, { page, session, stream }, moments, apart, warnings) {
  await stream.beats(apart);
  await longTasks(page);
  const sums = {};
  const kept = await profiled(session, async () => {
    const found = [await moment(session)];
    for (let number = 1; number < moments; number += 1) {
      const from = { ...(await counters(session)), ...stream.seen };
      await stream.beats(apart);
      const to = { ...(await counters(session)), ...stream.seen };
      // Without the garbage that is collected by force for the next moment.
      Object.keys(to).forEach((name) => {
        sums[name] = (sums[name] ?? 0) + to[name] - from[name];
      });
      found.push(await moment(session));
    }
    return found;
  });
  const grown = (name) => sums[name] ?? 0;
  const elapsed = grown('Timestamp');
  // Not `ScriptDuration`: it leaves out what follows in the same turn, which is all of the page.
  const drawing = grown('LayoutDuration') + grown('RecalcStyleDuration');
  const script = grown('TaskDuration') - drawing;
  const readings = grown('readings');
  const figures = {
    seconds: Math.round(elapsed),
    events: grown('events'),
    readings,
    greetings: grown('greetings'),
    script_share: Number((script / elapsed).toFixed(3)),
    script_s_per_1000: Number((script / readings * 1_000).toFixed(4)),
    style_and_layout_share: Number((drawing / elapsed).toFixed(3)),
    long_tasks: await longTasks(page),
    rows: await page.getByTestId('channel-row').count(),
    heap_kB: kept.map(({ heap }) => Math.round(heap / 1_000)),
    nodes: kept.map(({ nodes }) => nodes),
    listeners: kept.map(({ listeners }) => listeners),
  };
  say(`${kind}-figures`, figures);
  steady(kind, kept);
  if (kind === 'load') {
    must(figures.rows < ROWS_MAX, `${figures.rows} rows are in the document`);
    const shown = await page.getByTestId('warning').count();
    must(shown === warnings, `${shown} of ${warnings} warnings are shown`);
  }
  if (kind === 'load' && IS_IDLE) {
    must(readings >= READINGS_PER_S_MIN * elapsed, `only ${readings} readings in ${elapsed} s`);
    must(figures.script_s_per_1000 < SCRIPT_S_PER_1000_MAX, 'scripts work too much');
    must(figures.script_share < SHARE_MAX, 'scripts take too much of a core');
    must(figures.long_tasks.over === 0, 'tasks are too long');
  }
  if (kind === 'soak') {
    must(figures.greetings > 0 || moments * apart < 120, 'the line was never cut');
  }
  say(kind, {});
}

const [kind, url, moments, apart, warnings] = process.argv.slice(2);
const browser = await launch();
try {
  const opened = await open(browser, url);
  await judged(kind, opened, Number(moments), Number(apart), Number(warnings));
  // What is refused or cut off is told by the browser as an error too: here scripts are looked at.
  const own = opened.errors.filter((text) => !/net::ERR_|Failed to load/.test(text));
  must(own.length === 0, own.join('\n'));
} finally {
  await browser.close();
}
