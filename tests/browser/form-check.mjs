// What every form must do, whatever it is about: say what is wrong at the field, in both languages
// and to screen readers, and send nothing bad; keep what was typed when it is closed, when the line
// is cut and when the answer is none; and take it at the next try.
import { must, STEP_MAX_MS } from './person.mjs';

/** A failure of the line, and an answer that is none, with what must be said of them. */
const FAILURES = [
  { fails: (route) => route.abort(), told: ['请检查网络', 'Check the network'] },
  {
    fails: (route) => route.fulfill({ status: 502, body: '<html>', contentType: 'text/html' }),
    told: ['应答无法识别', 'could not be read'],
  },
];
/** Of a bad input that is named in a failure. */
const WHAT_LENGTH_MAX = 30;
const isRead = (request) => ['GET', 'HEAD'].includes(request.method());

/** One form, open at one person's browser. */
export class OpenForm {
  constructor(person, row) {
    Object.assign(this, { person, row, page: person.page, asked: [] });
    this.listen = (request) => {
      if (row.sends?.test(request.url()) && !isRead(request)) {
        this.asked.push(request);
      }
    };
    this.page.on('request', this.listen);
  }

  async end() {
    this.page.off('request', this.listen);
    await this.page.unrouteAll({ behavior: 'ignoreErrors' });
  }

  /** The element that holds all of it. */
  get frame() {
    return this.page.locator(this.row.frame ?? `form:has([data-testid="${this.row.submit}"])`);
  }

  /** A name that ends in a minus is that of the field whatever comes after it. */
  at(field) {
    const match = field.endsWith('-') ? '^=' : '=';
    return this.frame.locator(`[data-testid${match}"${field}"]`).first();
  }

  async open() {
    await this.row.open(this.person);
    await this.person.see(this.frame);
  }

  async put(field, value) {
    const at = this.at(field);
    await at.waitFor({ timeout: STEP_MAX_MS });
    const { tag, type } = await at.evaluate((one) => ({ tag: one.tagName, type: one.type }));
    if (type === 'file') {
      await at.setInputFiles(value);
    } else if (tag === 'SELECT') {
      await at.selectOption(value);
    } else {
      await at.fill(value);
      // A moment is looked at when one leaves its field.
      await at.blur();
    }
  }

  async putGood() {
    for (const [field, value] of Object.entries(this.row.good ?? {})) {
      await this.put(field, value);
    }
    // One field for each of something: what stands in them is not what is looked at.
    const { also } = this.row;
    for (const field of also === undefined ? [] : await this.frame.locator(also).all()) {
      await field.fill('已口头报告');
    }
  }

  async press() {
    const { submit, presses = 1 } = this.row;
    for (let i = 0; submit !== undefined && i < presses; i += 1) {
      await this.at(submit).click({ timeout: STEP_MAX_MS });
    }
  }

  /** The page in the other language; what is open stays open. A dialog covers the button. */
  async inBoth(check) {
    for (const lang of ['en', 'zh']) {
      const html = this.page.locator(`html[lang^="${lang}"]`);
      if (await html.count() === 0) {
        await this.page.getByTestId('lang').first().evaluate((button) => button.click());
      }
      await html.waitFor({ timeout: STEP_MAX_MS, state: 'attached' });
      await check(lang === 'zh' ? 0 : 1);
    }
  }

  /** What is told of a field, as a screen reader finds it. */
  async toldAt(field, words) {
    const at = this.at(field);
    await this.person.see(at.and(this.page.locator('[aria-invalid="true"]')));
    const id = await at.getAttribute('aria-describedby');
    const told = this.page.locator(`[id="${id}"]`).filter({ hasText: words });
    await told.waitFor({ timeout: STEP_MAX_MS }).catch(async () => {
      const there = await this.page.locator(`[id="${id}"]`).innerText();
      throw new Error(`${field} says "${there}", not "${words}"`);
    });
  }

  async holds(field, value) {
    const there = await this.at(field).inputValue();
    must(there === value, `${field} holds "${there}", not "${value}"`);
  }

  /** One bad input: it is told at its field, stays there, and only what must be is sent. */
  async refuses({ at: field, is: value, told, sent = 0, toldAt = field, toldIn }) {
    await this.putGood();
    await this.put(field, value);
    const before = this.asked.length;
    await this.press();
    if (toldIn !== undefined) {
      // It is about several fields: it stands below them, and what was refused is typed anew.
      await this.inBoth((lang) =>
        this.person.see(this.at(toldIn).filter({ hasText: told[lang] })));
      return;
    }
    await this.inBoth((lang) => this.toldAt(toldAt, told[lang]));
    if (typeof value === 'string') {
      await this.holds(field, value);
    }
    const count = this.asked.length - before;
    must(count === sent, `${count} requests, not ${sent}`);
  }

  async keepsAll() {
    for (const [field, value] of Object.entries(this.row.good ?? {})) {
      if (typeof value === 'string') {
        await this.holds(field, value);
      }
    }
  }

  /** Closed by mistake, or left for another page: what was typed is there again. */
  async outlives() {
    const { keeps, leave = (person) => person.page.keyboard.press('Escape') } = this.row;
    if (keeps === undefined) {
      return;
    }
    await this.putGood();
    await leave(this.person);
    await this.person.gone(this.frame);
    await this.open();
    for (const field of keeps) {
      await this.holds(field, this.row.good[field]);
    }
  }

  /** Two tries that fail, each told with what to do, and a third that is taken. */
  async getsThrough() {
    const { sends, done } = this.row;
    if (sends === undefined) {
      return;
    }
    const waiting = [...FAILURES];
    const handler = (route) => {
      const next = isRead(route.request()) ? undefined : waiting.shift();
      return next === undefined ? route.fallback() : next.fails(route);
    };
    await this.putGood();
    await this.page.route(sends, handler);
    for (const { told } of FAILURES) {
      await this.press();
      await this.inBoth((lang) =>
        this.person.see(this.frame.locator('[role="alert"]').filter({ hasText: told[lang] })));
      await this.keepsAll();
    }
    const before = this.asked.length;
    await this.press();
    await done(this.person).catch(async ({ message }) => {
      const told = await this.frame.locator('[role="alert"]').allInnerTexts().catch(() => []);
      throw new Error(`${message}\nit says "${told.join(' ')}"`);
    });
    must(this.asked.length - before === 1, `${this.asked.length - before} requests at the last`);
  }
}

/** A row of the table from its opening to its end. */
export async function checkRow(person, row) {
  const form = new OpenForm(person, row);
  const stage = async (name, does) => {
    await does().catch((error) => {
      throw new Error(`${row.name}, ${name}: ${error.message}`);
    });
  };
  try {
    await stage('open', () => form.open());
    for (const wrong of row.wrong) {
      const what = JSON.stringify(wrong.is.name ?? wrong.is).slice(0, WHAT_LENGTH_MAX);
      await stage(`${wrong.at} ${what}`, () => form.refuses(wrong));
    }
    await stage('closed by mistake', () => form.outlives());
    await stage('failures', () => form.getsThrough());
  } finally {
    await form.end();
  }
  person.say(`form ${row.name}`, { wrong: row.wrong.length });
}
