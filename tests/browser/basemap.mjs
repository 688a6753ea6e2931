// The base map of a park: drawn below it in both themes from a file of the station, with whose
// data it is; nothing is asked from elsewhere; and where the file is broken or gone the park is
// drawn alone and the page says so.
// Usage: node basemap.mjs <binary> [folder for pictures]. Prints one JSON line a step.
import { spawnSync } from 'node:child_process';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { alone } from './alone.mjs';
import { seriousOf } from './axe.mjs';
import { errorsOf } from './chromium.mjs';
import { partsInto } from './engineer.mjs';
import { SmallPark } from './park.mjs';
import { must } from './person.mjs';
import { mapFile } from './pmtiles.mjs';

const STEP_MAX_MS = 60_000;
const PLACE = [118, 37];
const FILE = '/api/v1/map/tiles';
const LOOKS = [['zh', 'dark'], ['en', 'light']];
const CREDIT = { zh: '© 测试数据', en: '© data of this test' };
const FAULT = {
  failed: { zh: '底图文件读取失败', en: 'The base map cannot be read' },
  partly: { zh: '底图有一部分读取失败', en: 'Parts of the base map cannot be read' },
};
/** How far a drawn colour may be from the one that was asked for, each part. */
const SAME = 2;
/** When the page tries once more. */
const AGAIN_MS = 61_000;

class MappedPark extends SmallPark {
  site = join(this.folder, 'site');

  writeSite(port) {
    super.writeSite(port);
    appendFileSync(join(this.site, 'site.toml'), '[origin]\n'
      + `longitude_deg = ${PLACE[0]}\nlatitude_deg = ${PLACE[1]}\n[map]\npmtiles = "map.pmtiles"\n`
      + `attribution = { zh = "${CREDIT.zh}", en = "${CREDIT.en}" }\n`);
    this.putMap(mapFile('protomaps', PLACE));
  }

  /** Another file under the name, as a whole. */
  putMap(content) {
    writeFileSync(join(this.site, 'new'), content);
    renameSync(join(this.site, 'new'), join(this.site, 'map.pmtiles'));
  }
}

/** A page with the map open; `asked` is every address, `given` the answers of the map's file. */
async function open(browser, park, path, [lang, theme], hasOwnClock = false) {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  if (hasOwnClock) {
    await page.clock.install();
  }
  const [asked, given] = [[], []];
  page.on('request', (request) => asked.push(request.url()));
  page.on('response', (response) => {
    if (new URL(response.url()).pathname === FILE) {
      given.push(response.status());
    }
  });
  const errors = errorsOf(page);
  await page.addInitScript(() => {
    window.localStorage.setItem('siskin.device', JSON.stringify({ ground: 'map' }));
  });
  await page.goto(new URL(`${path}?lang=${lang}&theme=${theme}`, park.url).href);
  await page.locator('[data-ground="map"]').waitFor({ timeout: STEP_MAX_MS });
  await page.locator('[data-testid="analyzer"]').nth(1).waitFor();
  return { page, asked, given, errors };
}

const stateOf = (page, state) =>
  page.locator(`[data-testid="map-ground"][data-base="${state}"]`).waitFor({
    timeout: STEP_MAX_MS,
  });

function staysHome(asked) {
  const away = asked.filter((url) =>
    !['data:', 'blob:'].includes(new URL(url).protocol) && new URL(url).hostname !== '127.0.0.1');
  must(away.length === 0, `asked elsewhere: ${away.join()}`);
}

/** Pixels of the ground that have a colour of the theme. */
async function pixels(page, name) {
  const picture = await page.getByTestId('map-ground').screenshot({ animations: 'disabled' });
  return page.evaluate(async ({ data, name, same }) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const drawn = context.getImageData(0, 0, image.width, image.height).data;
    const words = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const wanted = [1, 3, 5].map((at) => parseInt(words.slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < drawn.length; at += 4) {
      count += wanted.every((part, i) => Math.abs(drawn[at + i] - part) <= same) ? 1 : 0;
    }
    return count / (drawn.length / 4);
  }, { data: picture.toString('base64'), name, same: SAME });
}

/** Much water, some road and no bare ground; or bare ground and none of them. */
async function mustDraw(page, isThere, where) {
  const names = ['base-water', 'base-road', 'panel'];
  const [water, road, bare] = await Promise.all(names.map((name) => pixels(page, name)));
  const told = `${where}: water ${water}, road ${road}, bare ${bare}`;
  must(isThere ? water > 0.1 && road > 0.005 && bare < 0.05 : water + road < 0.01 && bare > 0.2,
    told);
  return told;
}

/** A map fades from one theme into the other, and tells nobody when it is done. */
async function willDraw(page, where) {
  const endMs = Date.now() + STEP_MAX_MS;
  for (;;) {
    const missing = await mustDraw(page, true, where).then(() => null, (error) => error);
    if (missing === null) {
      return;
    }
    must(Date.now() < endMs, missing.message);
  }
}

const textOf = (page, id) => page.getByTestId(id).innerText({ timeout: STEP_MAX_MS });

async function drawn(browser, park, schema, picture) {
  for (const look of LOOKS) {
    const { page, asked, given, errors } = await open(browser, park, '/', look);
    await stateOf(page, 'drawn');
    await mustDraw(page, true, `${schema} ${look}`);
    must(await textOf(page, 'map-credit') === CREDIT[look[0]], 'whose data it is');
    must(given.length >= 3 && given.every((status) => status === 206), `answers: ${given}`);
    must(await page.getByTestId('map-base-fault').count() === 0, 'a fault that is none');
    await page.getByTestId('analyzer').first().focus();
    await picture(page, `basemap-${schema}`);
    const serious = await seriousOf(page);
    must(serious.length === 0, serious.join('\n'));
    await page.getByTestId('theme').click();
    await page.waitForFunction((theme) =>
      document.documentElement.dataset.theme !== theme, look[1]);
    await stateOf(page, 'drawn');
    await willDraw(page, `${schema} in the other theme than ${look}`);
    staysHome(asked);
    must(errors.length === 0, errors.join('\n'));
    await page.close();
  }
}

/** The park alone, with the reason; whose data it is only where something of them may be drawn. */
async function told(browser, park, state, picture) {
  for (const look of LOOKS) {
    const { page, asked } = await open(browser, park, '/', look);
    await stateOf(page, state);
    const fault = await textOf(page, 'map-base-fault');
    must(fault.includes(FAULT[state][look[0]]), `the fault is "${fault}"`);
    await mustDraw(page, false, `${state} ${look}`);
    must(await pixels(page, 'area') > 0.1 || state === 'partly', 'the park is not drawn');
    const marks = await page.getByTestId('analyzer').count();
    must(marks === 2, `${marks} analyzers`);
    const credits = await page.getByTestId('map-credit').count();
    must(credits === (state === 'partly' ? 1 : 0), `${credits} credits while ${state}`);
    await picture(page, `basemap-${state}`);
    const serious = await seriousOf(page);
    must(serious.length === 0, serious.join('\n'));
    staysHome(asked);
    await page.close();
  }
}

/** A file that is mended is drawn without anybody, within a minute of the page's clock. */
async function again(browser, park) {
  const { page } = await open(browser, park, '/', LOOKS[0], true);
  await stateOf(page, 'failed');
  park.putMap(mapFile('protomaps', PLACE));
  await page.clock.fastForward(AGAIN_MS);
  await stateOf(page, 'drawn');
  must(await page.getByTestId('map-base-fault').count() === 0, 'the fault stays');
  await page.close();
}

async function wall(browser, park) {
  const { page, asked, errors } = await open(browser, park, '/big-screen', LOOKS[0]);
  await stateOf(page, 'none');
  const files = asked.filter((url) => url.includes(FILE));
  must(files.length === 0, 'the screen on the wall asks for the base map');
  must(errors.length === 0, errors.join('\n'));
  await page.close();
}

function check(binary, park, status, parts) {
  const { status: ended, stdout } = spawnSync(binary, ['check', park.site], { encoding: 'utf8' });
  must(ended === status, `siskin check ended with ${ended}: ${stdout}`);
  for (const part of parts) {
    must(stdout.includes(part), `siskin check says nothing of "${part}": ${stdout}`);
  }
}

/** All steps, in a browser that the caller closes. */
export async function watchBase(browser, binary, say, picture = async () => {}) {
  const park = new MappedPark();
  try {
    await park.start(binary);
    let beats = 0;
    park.feed('at-1', () => 0.1 + (beats++ % 2) * 0.02);
    park.feed('at-2', () => 0.2 + (beats % 2) * 0.02);
    check(binary, park, 0, ['is sound']);
    await drawn(browser, park, 'protomaps', picture);
    say('drawn');
    await wall(browser, park);
    say('wall');
    park.putMap(mapFile('openmaptiles', PLACE));
    await drawn(browser, park, 'openmaptiles', picture);
    say('replaced');
    park.putMap(mapFile('protomaps', PLACE, Buffer.from('no tile at all')));
    await told(browser, park, 'partly', picture);
    say('torn');
    park.putMap(Buffer.alloc(4096, 7));
    await told(browser, park, 'failed', picture);
    const expected = ['site.toml:17:11: the map file', 'begin as a PMTiles file', 'hint: '];
    check(binary, park, 2, expected);
    say('broken');
    await again(browser, park);
    say('again');
    park.putMap(mapFile('protomaps', [121, 31]));
    check(binary, park, 0, ['note: ', 'GCJ-02', '4 notes']);
    say('elsewhere');
  } finally {
    await park.stop();
  }
}

await alone(import.meta.url, (browser, say, binary, folder) =>
  watchBase(browser, binary, say, folder ? partsInto(folder) : undefined));
