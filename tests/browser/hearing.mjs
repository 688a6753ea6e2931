// What a page plays and what it is told, noted in the page itself: the browser's own Web Audio and
// event stream are used, only watched.

/** To be put into a page before its scripts. */
export function watchPage() {
  window.tones = [];
  window.voices = new Set();
  window.told = [];
  window.shownAtMs = {};
  window.conditions = [];
  // The clock that the station reads too: what is measured is between the two.
  const nowMs = () => Date.now();
  const conditionOf = {};

  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function begin(atS) {
    window.tones.push({ hz: this.frequency.value, wave: this.type, atMs: nowMs() });
    start.call(this, atS);
  };
  // What hangs on the way out is heard.
  const { connect, disconnect } = AudioNode.prototype;
  AudioNode.prototype.connect = function join(to, ...more) {
    if (to instanceof AudioDestinationNode) {
      window.voices.add(this);
    }
    return connect.call(this, to, ...more);
  };
  AudioNode.prototype.disconnect = function part(...from) {
    window.voices.delete(this);
    return disconnect.apply(this, from);
  };

  const Original = window.EventSource;
  window.EventSource = class extends Original {
    constructor(...args) {
      super(...args);
      for (const name of ['hello', 'heartbeat']) {
        this.addEventListener(name, () => {
          window.beatAtMs = nowMs();
        });
      }
      for (const name of ['warning', 'alarm']) {
        this.addEventListener(name, (event) => {
          window.told.push(JSON.parse(event.data).seq);
        });
      }
    }
  };
  new MutationObserver(() => {
    for (const item of document.querySelectorAll('[data-testid="warning"]')) {
      window.shownAtMs[`${item.dataset.id} ${item.dataset.tier}`] ??= nowMs();
    }
    for (const { dataset: { id, quality } } of document.querySelectorAll(
      '[data-testid="analyzer"]')) {
      if (conditionOf[id] !== quality) {
        conditionOf[id] = quality;
        window.conditions.push({ id, quality, atMs: nowMs() });
      }
    }
    const covered = document.querySelector('[data-testid="overlay-lost"]') !== null;
    window.coveredAtMs = covered ? (window.coveredAtMs ?? nowMs()) : undefined;
  }).observe(document, {
    childList: true, subtree: true, attributes: true,
    attributeFilter: ['data-tier', 'data-quality'],
  });
}

export const isHeard = (page) => page.evaluate(() => window.voices.size > 0);

/** Waits until the page plays a tone of this pitch that was set after `sinceMs`. */
export async function hears(page, hz, sinceMs, timeout) {
  await page.waitForFunction(
    ([pitch, since]) => window.voices.size > 0
      && window.tones.some((tone) => tone.hz === pitch && tone.atMs >= since),
    [hz, sinceMs], { timeout },
  );
}

export async function hearsNothing(page, timeout) {
  await page.waitForFunction(() => window.voices.size === 0, undefined, { timeout });
}
