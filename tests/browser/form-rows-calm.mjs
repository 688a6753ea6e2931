// Forms that need no warning: drills, people, duty, devices, rules, spans of time.
import {
  DATE_SHAPE, day, empty, file, hidden, local, long, MOMENT_SHAPE, noMoment, note, number,
} from './form-words.mjs';
import { PASSWORD } from './staffed.mjs';

const away = (person) => person.press('page-kpis');
const goTo = (name) => (person) => person.press(`page-${name}`);
const gone = (person) => person.gone(person.id('dialog'));
const positive = (at, is) => ({ at, is, told: ['大于 0', 'a number above 0'] });
const FIRST_LETTER = ['小写字母开头', 'a-z first'];
const LENGTH = ['15 至 128 个字符', '15 to 128 characters'];
const account = (at, is) => ({ at, is, told: FIRST_LETTER });
const password = (at, is) => ({ at, is, told: LENGTH });

const drill = {
  name: 'drill', form: 'DrillForm.vue', who: 'zhao', submit: 'drill-begin', sends: /\/drills$/,
  open: async (person) => {
    await person.press('page-drills');
    await person.press('drill-new');
  },
  leave: away, keeps: ['field-peak', 'field-drill-note'],
  good: {
    'field-peak': '20', 'field-rise': '0', 'field-hold': '600', 'field-decay': '120',
    'field-wait': '0', 'field-length': '', 'field-drill-note': '季度演练',
  },
  wrong: [
    positive('field-peak', ''), positive('field-peak', '0'), positive('field-peak', '-5'),
    positive('field-peak', '很多'), number('field-rise', '1.5', 0, 14_400),
    number('field-hold', '14401', 0, 14_400), number('field-decay', '', 0, 14_400),
    number('field-wait', '241', 0, 240), number('field-length', '0', 1, 240),
    ...note('field-drill-note'),
    // That all of it does not fit together only the station knows.
    { at: 'field-wait', is: '240', toldAt: 'field-length', sent: 1, told: ['秒', 'would last'] },
  ],
  done: (person) => person.see(person.page.locator('[data-testid="drill"][data-state="running"]')),
};

const drillEnd = {
  name: 'drill-end', form: 'DrillRow.vue', who: 'zhao', submit: 'drill-end',
  sends: /\/drills\/\d+\/end$/, open: goTo('drills'), leave: away, keeps: ['field-drill-end-note'],
  good: { 'field-drill-end-note': '结束' }, wrong: note('field-drill-end-note'),
  done: (person) =>
    person.see(person.page.locator('[data-testid="drill"][data-reason="by-hand"]')),
};

const person = {
  name: 'person', form: 'PersonDialog.vue', who: 'zhao', submit: 'dialog-submit',
  sends: /\/people$/,
  open: async (one) => {
    await one.press('page-people');
    await one.press('person-add');
  },
  good: { 'field-name': 'chen', 'field-display': '陈工', 'field-password': PASSWORD },
  wrong: [
    account('field-name', ''), account('field-name', 'Chen'), account('field-name', '陈'),
    account('field-name', 'a'.repeat(33)),
    { at: 'field-name', is: 'wang', told: ['已被使用', 'Choose another'], sent: 1 },
    empty('field-display'), long('field-display', 64), hidden('field-display'),
    password('field-password', ''), password('field-password', 'short'),
    password('field-password', 'x'.repeat(129)),
  ],
  done: gone,
};

const otherPassword = {
  name: 'other-password', form: 'PersonDialog.vue', who: 'zhao', submit: 'dialog-submit',
  sends: /\/people\/chen\/password$/,
  open: async (one) => {
    const chen = one.page.locator('[data-testid="person"][data-name="chen"]');
    await (await one.see(chen)).getByTestId('person-password').click();
  },
  good: { 'field-password': PASSWORD }, wrong: [password('field-password', 'short')], done: gone,
};

const ownPassword = {
  name: 'own-password', form: 'people/OwnPassword.vue', who: 'zhao', submit: 'password-send',
  sends: /\/me\/password$/, open: goTo('account'),
  good: { 'field-old': PASSWORD, 'field-new': PASSWORD },
  wrong: [
    empty('field-old'), password('field-new', 'short'),
    { at: 'field-old', is: 'not it at all', told: ['账号或密码有误', 'password is wrong'], sent: 1 },
  ],
  done: (one) => one.see(one.page.locator('main [role="status"]')),
};

const token = {
  name: 'token', form: 'people/TokenList.vue', who: 'zhao', submit: 'token-make',
  sends: /\/tokens$/, open: goTo('account'),
  good: { 'field-name': '市局平台', 'field-days': '30' },
  wrong: [
    empty('field-name'), long('field-name', 64), hidden('field-name'),
    number('field-days', '', 1, 400), number('field-days', '401', 1, 400),
    number('field-days', '三十', 1, 400),
  ],
  done: (one) => one.see(one.id('token-made')),
};

const contact = {
  name: 'contact', form: 'duty/ContactDialog.vue', who: 'zhao', submit: 'dialog-submit',
  sends: /\/duty\/contacts\//,
  open: async (one) => {
    await one.press('page-duty');
    await one.press('contact-add');
  },
  keeps: ['field-id', 'field-name', 'field-phones', 'field-note'],
  good: {
    'field-id': 'chen', 'field-name': '陈工', 'field-phones': '13800000009', 'field-email': '',
    'field-organisation': '', 'field-note': '夜班',
  },
  wrong: [
    { at: 'field-id', is: '陈', told: ['字母或数字开头', 'a letter or digit first'] },
    empty('field-name'), long('field-name', 64),
    { at: 'field-email', is: 'chen', told: ['不是电子邮箱', 'is not an e-mail address'], sent: 1 },
    { at: 'field-phones', is: '不详', told: ['不是电话号码', 'is not a telephone number'], sent: 1 },
    { at: 'field-phones', is: '', told: ['电话', 'telephone'], sent: 1 },
  ],
  done: gone,
};

const substitute = {
  name: 'substitute', form: 'duty/SubstituteDialog.vue', who: 'zhao', submit: 'dialog-submit',
  sends: /\/duty\/substitutions$/,
  open: async (one) => {
    await one.press('page-duty');
    await one.press('substitute-open');
  },
  keeps: ['field-note'], good: { 'field-person': { index: 1 }, 'field-note': '王伟请假' },
  wrong: [
    { at: 'field-person', is: { index: 0 }, told: ['不能为空', 'Fill this in'] },
    empty('field-note'), long('field-note', 500), hidden('field-note'),
  ],
  done: gone,
};

const SHIFT = '2099-01-01 08:00,2099-01-01 20:00,operator,wang';
const roster = {
  name: 'roster', form: 'duty/RosterImport.vue', who: 'zhao', submit: 'roster-try',
  sends: /\/duty\/import$/, open: goTo('duty'), leave: away, keeps: ['field-text', 'field-reason'],
  good: { 'field-text': `from,to,role,person\n${SHIFT}\n`, 'field-reason': '新排班' },
  wrong: [
    empty('field-text'),
    { at: 'field-text', is: 'from,to,role,person\nyesterday,x,operator,wang\n',
      told: ['排班有误', 'roster has problems'], sent: 1 },
    long('field-reason', 1_000),
    { at: 'roster-file', is: file('排班.xlsx', [0x50, 0x4b, 3, 4, 0, 0]),
      told: ['不是 UTF-8 文本', 'is not text in UTF-8'] },
    { at: 'roster-file', is: file('empty.csv', []), told: ['是空文件', 'is empty'] },
    { at: 'roster-file', is: file('long.csv', Buffer.alloc(1_048_577, 0x78)),
      told: ['超过 1 MiB', 'larger than 1 MiB'] },
  ],
  done: (one) =>
    one.see(one.page.locator('[data-testid="roster-difference"][data-applied="false"]')),
};

const maintenance = {
  name: 'maintenance', form: 'channels/MaintenanceDialog.vue', who: 'wang',
  submit: 'dialog-submit', sends: /\/maintenance$/,
  open: async (one) => {
    await one.page.goto(new URL('/channels/at-1-cl2?lang=zh', one.page.url()).href);
    await one.press('maintenance-open');
  },
  keeps: ['field-standard', 'field-after', 'field-note'],
  good: {
    'field-at_ms': local(-1), 'field-standard': '5', 'field-before': '', 'field-after': '5,01',
    'field-next_due_ms': '', 'field-note': '换了滤芯',
  },
  wrong: [
    noMoment('field-at_ms'),
    { at: 'field-at_ms', is: local(2), told: ['已经完成', 'must have been done'] },
    { at: 'field-at_ms', is: local(-24 * 366 * 11), told: ['最近 10 年', 'last 10 years'] },
    { at: 'field-standard', is: '', told: ['必须填写此项', 'needs it'] },
    { at: 'field-standard', is: '-1', told: ['请填写数字', 'Write a number'] },
    { at: 'field-after', is: '5 ppm', told: ['请填写数字', 'Write a number'] },
    { at: 'field-next_due_ms', is: local(-5), told: ['必须晚于', 'Later than'] },
    // Half a moment must not count as none at all.
    { at: 'field-next_due_ms', is: '2026-1', told: MOMENT_SHAPE },
    long('field-note', 1_000), hidden('field-note'),
  ],
  done: gone,
};

const replay = {
  name: 'replay', form: 'replay/ReplayChoice.vue', who: 'wang', submit: 'replay-load',
  open: goTo('replay'),
  good: { 'field-replay-from': local(-1), 'field-replay-to': local(0) },
  wrong: [
    { at: 'field-replay-from', is: '', told: ['开始时间', 'of the begin'] },
    { at: 'field-replay-to', is: '', told: ['结束时间', 'of the end'] },
    { at: 'field-replay-to', is: local(-2), told: ['晚于开始', 'later than the begin'] },
    { at: 'field-replay-from', is: local(-30), told: ['最多回放 24 小时', 'At most 24 hours'],
      toldAt: 'field-replay-to' },
  ],
};

const alarms = {
  name: 'alarm-filters', form: 'alarms/AlarmFilters.vue', who: 'wang', open: goTo('alarms'),
  frame: '.filters', good: { 'field-alarm-from': '', 'field-alarm-to': '', 'field-alarm-text': '' },
  wrong: [
    long('field-alarm-text', 100),
    { at: 'field-alarm-from', is: '2026-1', told: MOMENT_SHAPE },
  ],
};

const DAY_WORDS = ['今天或更早', 'today at the latest'];
const period = {
  name: 'period', form: 'bureau/PeriodReports.vue', who: 'wang', open: goTo('bureau'),
  frame: 'section:has([data-testid="field-period-date"])',
  good: { 'field-period-date': day(0) },
  wrong: [
    ...['', day(2), '1999-12-31'].map((is) => ({ at: 'field-period-date', is, told: DAY_WORDS })),
    { at: 'field-period-date', is: '2026-13-01', told: DATE_SHAPE },
  ],
};

/** A station on a busy machine may say that it could not answer in time: then it is asked again. */
const CHECKS_MAX = 10;

/** Another limit in the rules, kept by the browser from then on, and found sound. */
async function changeRule(one) {
  const { keyboard } = one.page;
  const sound = one.page.locator('[data-testid="check-verdict"][data-sound="true"]');
  const busy = one.id('bench-problem');
  if (await one.id('discard').count() === 0) {
    const line = one.page.locator('.cm-line').filter({ hasText: 'raise_at = 5.0' });
    await (await one.see(line)).click();
    await keyboard.press('End');
    await keyboard.press('Shift+Home');
    await keyboard.insertText('raise_at = 5.5');
  }
  for (let i = 0; i < CHECKS_MAX; i += 1) {
    await one.see(sound.or(busy));
    if (await sound.count() > 0) {
      return;
    }
    await busy.getByRole('button').click();
    await one.page.locator('.cm-line').first().click();
    await keyboard.insertText(' ');
  }
  throw new Error('the rules were never checked');
}

const trial = {
  name: 'trial', form: 'engineer/TrialPart.vue', who: 'zhao', submit: 'trial-propose', presses: 2,
  sends: /\/rules\/shadow$/, leave: away, keeps: ['trial-note'],
  frame: '.part:has([data-testid="trial-note"])',
  open: async (one) => {
    await one.press('page-engineer');
    await one.see(one.page.locator('.cm-line'));
    await changeRule(one);
    await one.press('part-trial');
  },
  good: { 'trial-note': '试升红色限值' }, wrong: note('trial-note'),
  done: (one) => one.see(one.id('trial')),
};

const signIn = {
  name: 'sign-in', form: 'SignInDialog.vue', who: 'guest', submit: 'sign-in-submit',
  sends: /\/session$/, open: (one) => one.press('sign-in-open'),
  good: { 'sign-in-name': 'wang', 'sign-in-password': PASSWORD },
  wrong: [
    empty('sign-in-name'), empty('sign-in-password'),
    { at: 'sign-in-password', is: 'not it at all', sent: 1, toldIn: 'sign-in-problem',
      told: ['账号或密码有误', 'password is wrong'] },
  ],
  done: (one) => one.see(one.id('who').getByText('wang')),
};

/** The first admin, at a station that nobody can sign in to; `code` is what it printed. */
export const setUpRow = (code) => ({
  name: 'set-up', form: 'SignInDialog.vue', submit: 'sign-in-submit', sends: /\/setup$/,
  open: (one) => one.see(one.id('setup-code')),
  good: {
    'setup-code': code, 'sign-in-name': 'wang', 'setup-display': '王芳',
    'sign-in-password': PASSWORD,
  },
  wrong: [
    empty('setup-code'), account('sign-in-name', 'Wang'), empty('setup-display'),
    long('setup-display', 64), hidden('setup-display'), password('sign-in-password', 'short'),
    { at: 'setup-code', is: 'guess', sent: 1, told: ['设置码', 'The code is wrong'] },
  ],
  done: (one) => one.see(one.id('who').getByText('wang')),
});

export const CALM_ROWS = [
  signIn, trial,
  drill, drillEnd, person, otherPassword, ownPassword, token, contact, substitute, roster,
  maintenance, replay, alarms, period,
];
