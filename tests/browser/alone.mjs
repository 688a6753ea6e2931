// A program of the browser that is run by itself: `node PROGRAM.mjs <siskin binary> [more]`. What is
// imported by another program, which has a browser of its own, does nothing.
import { pathToFileURL } from 'node:url';

import { launch } from './chromium.mjs';

/** Runs `watch(browser, say, ...arguments)`; each step is a line of JSON. */
export async function alone(url, watch) {
  if (url !== pathToFileURL(process.argv[1]).href) {
    return;
  }
  const browser = await launch();
  try {
    const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
    await watch(browser, say, ...process.argv.slice(2));
  } finally {
    await browser.close();
  }
}
