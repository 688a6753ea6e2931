// Asks axe-core about a page. Serious findings are errors; what is asked for stands in WCAG 2.1 A
// and AA.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const PATH = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SOURCE = readFileSync(PATH, 'utf8');
const GRAVE = new Set(['serious', 'critical']);

/** What is wrong with the page as it is shown now, in one line each; empty: nothing serious. */
export async function seriousOf(page) {
  if (!(await page.evaluate(() => 'axe' in window))) {
    // The page's own policy lets no script in; the debugger's door is another one.
    await page.evaluate(SOURCE);
  }
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), tags);
  return violations
    .filter(({ impact }) => GRAVE.has(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' | ')}`);
}
