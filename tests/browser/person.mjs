// One person at their own browser: sees, presses, signs in, and looks at the page with axe-core.
import { seriousOf } from './axe.mjs';
import { errorsOf } from './chromium.mjs';
import { PASSWORD } from './staffed.mjs';

/** Longer than any step takes on a machine that builds beside it. */
export const STEP_MAX_MS = 45_000;

export function must(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** One person at their own browser. */
export class Person {
  constructor(page, say, picture) {
    Object.assign(this, { page, say, picture });
  }

  async see(locator) {
    await locator.first().waitFor({ timeout: STEP_MAX_MS });
    return locator.first();
  }

  id(name) {
    return this.page.getByTestId(name);
  }

  async press(name) {
    await this.id(name).first().click({ timeout: STEP_MAX_MS });
  }

  async text(locator) {
    return (await this.see(locator)).innerText();
  }

  async gone(locator) {
    await locator.waitFor({ state: 'detached', timeout: STEP_MAX_MS });
  }

  async signIn(name) {
    await this.press('sign-in-open');
    await this.id('sign-in-name').fill(name);
    await this.id('sign-in-password').fill(PASSWORD);
    await this.press('sign-in-submit');
    await this.see(this.id('who').getByText(name));
  }

  async submit() {
    await this.press('dialog-submit');
    await this.gone(this.id('dialog')).catch(async () => {
      throw new Error(`the dialog stays: "${await this.id('dialog').innerText()}"`);
    });
  }

  async fault(field, part) {
    const text = await this.text(this.id(`fault-${field}`));
    must(text.includes(part), `the fault of ${field} is "${text}", not "${part}"`);
  }

  warning(state) {
    return this.page.locator(`[data-testid="warning"][data-state="${state}"]`);
  }

  /** Nothing serious by axe-core, and a picture. */
  async judge(name) {
    const found = await seriousOf(this.page);
    must(found.length === 0, `${name}: ${found.join('\n')}`);
    await this.picture(this.page, name);
    this.say(`axe ${name}`);
  }
}

const WINDOW = { viewport: { width: 1920, height: 1080 } };

/** Opens the page in a language and signs in; Chinese in the dark, English in the light. */
export async function sit(browser, park, name, lang, say, picture, window = WINDOW) {
  const context = await browser.newContext(window);
  const page = await context.newPage();
  const person = new Person(page, say, picture);
  person.errors = errorsOf(page);
  await page.goto(`${park.url}?lang=${lang}&theme=${lang === 'zh' ? 'dark' : 'light'}`);
  await person.signIn(name);
  return person;
}
