// Debian's Chromium under playwright-core, with nothing that asks the network.
import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Maps are drawn by the processor, slowly, where somebody asks for one; or not at all. */
const NO_CHIP = ['--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const NO_WEBGL = ['--disable-gpu', '--disable-3d-apis'];
const PLAYS = ['--autoplay-policy=no-user-gesture-required'];

/**
 * A browser with a new profile; the caller closes it. It may play sound without being pressed, like a
 * console that is set up for it, unless a test asks for one that may not.
 */
export async function launch({ mayPlay = true, hasWebgl = true } = {}) {
  const args = [...ARGUMENTS, ...(hasWebgl ? NO_CHIP : NO_WEBGL), ...(mayPlay ? PLAYS : [])];
  return chromium.launch({ executablePath: EXECUTABLE, args });
}

/** Gives an array into which every error of the page's console and scripts is put. */
export function errorsOf(page) {
  const errors = [];
  page.on('console', (message) => {
    if (message.type() === 'error') {
      errors.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return errors;
}
