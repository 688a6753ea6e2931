// Pictures of the edge gateways: a small park whose two analyzers are read by one gateway each, of
// which one is ended. Also a check: what the page says of them must be so.
// Usage: node edges.mjs <siskin binary> <siskin-edge binary> <folder>
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { errorsOf, launch } from './chromium.mjs';
import { SmallPark, stopped } from './park.mjs';

const SEEN_MAX_MS = 30_000;
const SIZE = { width: 1920, height: 1080 };
/** Above the red threshold of the small park: the gateway's own watch raises. */
const RED_PPM = 6.5;
const CALM_PPM = 0.2;
const PICTURES = [
  { lang: 'zh', theme: 'dark' },
  { lang: 'zh', theme: 'light' },
  { lang: 'en', theme: 'dark' },
  { lang: 'en', theme: 'light' },
];
const GATEWAYS = `
[[edge]]
id = "gw-1"
token = "a-token-of-the-first-gateway"

[[edge]]
id = "gw-2"
token = "a-token-of-the-second-gateway"
`;

const [binary, edgeBinary, folder] = process.argv.slice(2);

class EdgePark extends SmallPark {
  writeSite(port) {
    super.writeSite(port);
    const site = join(this.folder, 'site');
    appendFileSync(join(site, 'site.toml'), GATEWAYS);
    // A third one that the station itself reads.
    const [, third] = readFileSync(join(site, 'analyzers.toml'), 'utf8').split('[[analyzer]]');
    appendFileSync(join(site, 'analyzers.toml'), `[[analyzer]]${third}`.replaceAll('at-1', 'at-3'));
    for (const [analyzer, gateway] of [['at-1', 'gw-1'], ['at-2', 'gw-2']]) {
      const line = `mqtt = { topic = "park/${analyzer}/reading" }`;
      this.replace(join(site, 'analyzers.toml'), line, `${line}\nedge = "${gateway}"`);
    }
  }

  replace(path, old, text) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(old, text));
  }

  gateway(id) {
    const site = ['--site', join(this.folder, 'site'), '--edge', id];
    const data = ['--data', join(this.folder, `data-${id}`)];
    const all = ['run', ...site, '--station', this.url, ...data];
    // A broker lets in one client of a name, and the site's name is the station's.
    return this.run('env', [`SISKIN__MQTT__CLIENT_ID=siskin-${id}`, edgeBinary, ...all], 'ignore');
  }
}

async function shown(page, id, state) {
  await page.locator(`[data-testid="edge"][data-id="${id}"][data-state="${state}"]`)
    .waitFor({ timeout: SEEN_MAX_MS });
}

async function watch(browser, park) {
  await park.start(binary);
  const gateways = ['gw-1', 'gw-2'].map((id) => park.gateway(id));
  park.feed('at-1', () => CALM_PPM);
  park.feed('at-2', () => RED_PPM);
  park.feed('at-3', () => CALM_PPM);
  const page = await browser.newPage({ viewport: SIZE });
  const errors = errorsOf(page);
  await page.goto(`${park.url}?lang=zh&theme=dark&sheet=edges`);
  await shown(page, 'gw-1', 'live');
  await shown(page, 'gw-2', 'live');
  await page.getByTestId('edge-alarms').waitFor({ timeout: SEEN_MAX_MS });
  await stopped(gateways[1], 'SIGKILL');
  await shown(page, 'gw-2', 'cut');
  await page.getByTestId('edges-cut').waitFor({ timeout: SEEN_MAX_MS });
  for (const { lang, theme } of PICTURES) {
    await page.goto(`${park.url}?lang=${lang}&theme=${theme}&sheet=edges`);
    await shown(page, 'gw-2', 'cut');
    await page.locator('canvas').first().waitFor();
    const path = join(folder, `edges-${lang}-${theme}.png`);
    await page.screenshot({ path, animations: 'disabled' });
    console.log(path);
  }
  if (errors.length > 0) {
    throw new Error(errors.join('\n'));
  }
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
const park = new EdgePark();
try {
  await watch(browser, park);
} finally {
  await park.stop();
  await browser.close();
}
