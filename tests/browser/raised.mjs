// How long it takes from the moment in which the station raised a warning until its item is in the
// document. The moment is the station's own stamp of the step (`recorded_at`): taken when the rules
// have judged, before the step is written to the disk and told. Page and station share one clock.
import { must, STEP_MAX_MS } from './person.mjs';

/** Judged on a machine that does nothing else; reported on any. */
const SHOWN_MAX_MS = 200;
const IS_IDLE = process.env.SISKIN_IDLE !== undefined;
const CYCLES = 10;

async function steps(park, query) {
  const url = new URL(`/api/v1/bureau/warnings?${query}`, park.url);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${park.token}` } });
  must(answer.ok, `the steps are answered with ${answer.status}`);
  return answer.json();
}

/** When each step that gave a warning a tier was raised, by `<warning> <tier>`. */
async function raisedAtMs(park) {
  const found = {};
  let after = '';
  for (;;) {
    const answer = await steps(park, `limit=1000${after}`);
    for (const { warning, tier, recorded_at: at } of answer.steps) {
      found[`${warning} ${tier}`] ??= Date.parse(at);
    }
    if (!answer.has_more) {
      return found;
    }
    after = `&after=${answer.next}`;
  }
}

/** The item of a tier once it is there, with how long it took from the raise. */
export async function shownAfter(page, park, tier) {
  const item = page.locator(`[data-testid="warning"][data-tier="${tier}"]`);
  await item.waitFor({ timeout: STEP_MAX_MS });
  const key = `${await item.getAttribute('data-id')} ${tier}`;
  const shownAtMs = await page.evaluate((one) => window.shownAtMs[one], key);
  const raised = (await raisedAtMs(park))[key];
  must(Number.isFinite(raised), `the ledger does not know ${key}`);
  const afterMs = shownAtMs - raised;
  must(afterMs >= 0, `${key} is shown ${-afterMs} ms before it was raised`);
  must(!IS_IDLE || afterMs <= SHOWN_MAX_MS, `${key} is shown ${afterMs} ms after the raise`);
  return { item, key, shownAtMs, afterMs };
}

/** Raises a warning again and again; `rise` and `fall` set what the analyzer reads. */
export async function raises(page, park, tier, { rise, fall }, say) {
  const all = [];
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    rise();
    const { item, key, afterMs } = await shownAfter(page, park, tier);
    all.push(afterMs);
    await park.ask('POST', `/warnings/${key.split(' ')[0]}/acknowledge`, { note: 'a test' });
    fall();
    await item.waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  }
  const inOrder = all.toSorted((a, b) => a - b);
  say('raises', {
    after_raise_ms: all, median_ms: inOrder[CYCLES / 2], longest_ms: inOrder.at(-1),
  });
}
