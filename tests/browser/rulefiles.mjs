// Files of a rule set on the engineers' page: a new one with what completes in it, another name, one
// that is removed and put back. Part of engineer.mjs.
import { must, STEP_MAX_MS } from './person.mjs';

const OWN = 'chlorine.toml';
const RULE = `id = "chlorine-yellow"
name = { zh = "氯气 黄色", en = "Chlorine yellow" }
kind = "threshold"
gas = "chlorine"
tier = "yellow"
unit = "ppm"
raise_at = 1.0
clear_below = 0.8
source = "made for tests"
`;

/** Opens the form and sends a name. */
async function name(engineer, button, typed) {
  if (await engineer.id('field-rule-file').count() === 0) {
    await engineer.press(button);
  }
  await engineer.id('field-rule-file').fill(typed);
  await engineer.press('file-submit');
}

async function named(engineer) {
  await name(engineer, 'file-add', '../Bad Name');
  await engineer.fault('rule-file', '小写字母');
  await name(engineer, 'file-add', 'chlorine');
  await engineer.fault('rule-file', '已有文件');
  await engineer.judge('engineer-new-file');
  await name(engineer, 'file-add', 'chlorine-low');
  await engineer.gone(engineer.id('field-rule-file'));
  must(await engineer.id('rule-file').inputValue() === 'rules/chlorine-low.toml', 'not shown');
  await engineer.see(engineer.page.locator('.cm-line').filter({ hasText: '[[rule]]' }));
}

/** What is offered behind `text`, which is written to the end and taken back. */
async function offered(engineer, text) {
  const { keyboard } = engineer.page;
  await keyboard.insertText(text);
  await keyboard.press('Control+Space');
  const options = engineer.page.locator('.cm-tooltip-autocomplete li');
  await engineer.see(options);
  const found = (await options.allInnerTexts()).map((one) => one.trim());
  await keyboard.press('Escape');
  await engineer.gone(options.first());
  await keyboard.press('Home');
  await keyboard.press('Shift+End');
  await keyboard.press('Delete');
  return found;
}

/** Gases, areas, channels and kinds of this very site. */
async function completed(engineer) {
  const { page } = engineer;
  await page.locator('.cm-content').click({ timeout: STEP_MAX_MS });
  await page.keyboard.press('Control+End');
  for (const [text, word] of [
    ['kind = "', 'threshold'], ['gas = "', 'chlorine'], ['areas = ["', 'tank-farm'],
    ['channels = ["', 'at-1-cl2'], ['tier = "', 'yellow'],
  ]) {
    const words = await offered(engineer, text);
    must(words.some((one) => one.startsWith(word)), `${text} offers ${JSON.stringify(words)}`);
  }
  engineer.say('completed');
}

async function finding(engineer, text) {
  await engineer.see(engineer.id('inline-finding').filter({ hasText: text }));
  await engineer.verdict(false);
}

/** An id of another file, a gas that is not there, and then a sound rule. */
async function written(engineer) {
  const { page } = engineer;
  const text = RULE.replace('chlorine-yellow', 'chlorine-red').replace('"chlorine"', '"chlorin"');
  await page.keyboard.insertText(text);
  await finding(engineer, '没有名为 `chlorin`');
  await engineer.rewrite('gas = "chlorin"', 'gas = "chlorine"');
  await finding(engineer, '有两条规则都叫 `chlorine-red`');
  await engineer.judge('engineer-two-files');
  await engineer.rewrite('id = "chlorine-red"', 'id = "chlorine-yellow"');
  await engineer.verdict(true);
  engineer.say('written');
}

async function choose(engineer, file) {
  await engineer.id('rule-file').selectOption(`rules/${file}`);
}

/** Another name, and a file that is removed and comes back: nothing of it touches what runs. */
async function movedAndRemoved(engineer, park) {
  await name(engineer, 'file-rename', 'chlorine-yellow');
  await engineer.verdict(true);
  await choose(engineer, OWN);
  await engineer.press('file-remove');
  await engineer.verdict(false);
  await choose(engineer, 'chlorine-yellow.toml');
  await engineer.press('file-remove');
  await engineer.see(engineer.id('no-files'));
  await engineer.see(engineer.page.getByText('没有规则文件'));
  await engineer.judge('engineer-no-files');
  for (const file of ['chlorine-yellow.toml', OWN]) {
    await engineer.press('file-back');
    const shown = await engineer.id('rule-file').inputValue();
    must(shown === `rules/${file}`, `${shown} came back`);
  }
  await engineer.gone(engineer.id('file-back').first());
  await engineer.verdict(true);
  const { files } = await park.get('/rules/sets/running');
  must(files.map(({ path }) => path).join() === `rules/${OWN}`, JSON.stringify(files));
  engineer.say('moved-and-removed');
}

/** The set of a version has these files and no others. */
export async function filesOf(park, set, expected) {
  const { files } = await park.get(`/rules/sets/${set}`);
  const names = files.map(({ path }) => path.replace('rules/', '')).sort();
  must(names.join() === expected.join(), `set ${set} has ${names.join()}`);
}

/** The engineer ends with a second file, `chlorine-yellow.toml`, in a sound set. */
export async function secondFile(engineer, park) {
  await engineer.press('part-write');
  await named(engineer);
  await completed(engineer);
  await written(engineer);
  await movedAndRemoved(engineer, park);
}
