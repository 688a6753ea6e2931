// Forms about a red warning: the acts on it, what is kept aside, the hand-over, its incident. They
// stand in the order of its life, because the one leads to the next.
import { empty, file, hidden, local, long, noMoment, note, number } from './form-words.mjs';

const away = (person) => person.press('page-kpis');
const gone = (person) => person.gone(person.id('dialog'));
const overview = async (person) => {
  if (await person.id('warning').count() === 0) {
    await person.press('page-overview');
  }
};
const onOverview = (name) => async (person) => {
  await overview(person);
  await person.press(name);
};
const sheet = (name) => async (person) => {
  await overview(person);
  if (await person.id(name).first().getAttribute('aria-expanded') !== 'true') {
    await person.press(name);
  }
};
const dialog = { who: 'zhao', submit: 'dialog-submit', done: gone };

const comment = {
  ...dialog, name: 'comment', form: 'WordsDialog.vue', sends: /\/comment$/,
  open: onOverview('act-comment'), keeps: ['field-note'],
  // Somebody presses Enter in a note: it is no refusal.
  good: { 'field-note': '看见白雾\n已派人' },
  wrong: [empty('field-note'), empty('field-note', ' \u3000\n'), ...note('field-note')],
};

const escalate = {
  ...dialog, name: 'escalate', form: 'EscalateDialog.vue', sends: /\/escalate$/,
  open: onOverview('act-escalate'), keeps: ['field-note'], good: { 'field-note': '气味很浓' },
  wrong: note('field-note'),
};

const shelve = {
  ...dialog, name: 'shelve', form: 'ShelveDialog.vue', sends: /\/shelve$/,
  open: onOverview('act-shelve'), keeps: ['field-minutes', 'field-reason'],
  good: { 'field-minutes': '20', 'field-reason': '标定气体\n二号' },
  wrong: [
    ...['', '0', '31', '1.5', '-3', '二十'].map((is) => number('field-minutes', is, 1, 30)),
    empty('field-reason'), ...note('field-reason'),
  ],
};

const confirm = {
  ...dialog, name: 'confirm', form: 'HoldDialog.vue', who: 'li', sends: /\/holds\/[^/]+\/confirm$/,
  open: async (person) => {
    await sheet('held-open')(person);
    await person.id('sheet').getByTestId('confirm-open').click();
  },
  keeps: ['field-note'], good: { 'field-note': '同意' }, wrong: note('field-note'),
};

const unshelve = {
  ...dialog, name: 'unshelve', form: 'WordsDialog.vue', sends: /\/unshelve$/,
  open: onOverview('act-unshelve'), keeps: ['field-note'], good: { 'field-note': '标定完毕' },
  wrong: note('field-note'),
};

const takeOut = {
  ...dialog, name: 'take-out', form: 'TakeOutDialog.vue', who: 'li', sends: /\/out-of-service$/,
  open: async (person) => {
    await sheet('held-open')(person);
    await person.press('take-out-open');
  },
  keeps: ['field-work_order', 'field-owner', 'field-reason'],
  good: {
    'field-channel': 'at-2-cl2', 'field-work_order': 'WO-117', 'field-owner': '陈工',
    'field-until': local(3), 'field-reason': '换泵',
  },
  wrong: [
    empty('field-work_order'), long('field-work_order', 64), hidden('field-work_order'),
    empty('field-owner'), long('field-owner', 64), noMoment('field-until'),
    ...[local(-1), local(24 * 31)].map((is) => ({
      at: 'field-until', is, told: ['必须晚于现在，且不超过 30 天', 'at most 30 days ahead'],
    })),
    empty('field-reason'), ...note('field-reason'),
  ],
};

const handOver = {
  ...dialog, name: 'hand-over', form: 'HandOverDialog.vue', who: 'wang', sends: /\/handovers$/,
  open: async (person) => {
    await sheet('duty-open')(person);
    const desk = person.page.locator('[data-testid="desk"][data-role="operator"]');
    await (await person.see(desk)).getByTestId('hand-over-open').click();
  },
  keeps: ['field-note'], good: { 'field-note': '二号阀待检修\n夜间注意' }, wrong: note('field-note'),
};

const accept = {
  name: 'accept', form: 'HandOverRow.vue', who: 'li', submit: 'hand-over-accept',
  sends: /\/handovers\/\d+\/acknowledge$/, open: sheet('duty-open'), leave: away,
  keeps: ['field-hand-over-note'], good: { 'field-hand-over-note': '已接' },
  wrong: note('field-hand-over-note'),
  done: (person) => person.gone(person.id('field-hand-over-note')),
};

const acknowledge = {
  name: 'acknowledge', form: 'AckDialog.vue', who: 'zhao', submit: 'ack-submit',
  sends: /\/acknowledge$/, open: onOverview('ack-open'), keeps: ['ack-note'],
  good: { 'ack-note': '已派人\n核实' }, wrong: note('ack-note'),
  done: (person) => person.see(person.warning('active-acknowledged')),
};

/** The bureau that takes nothing. */
const acknowledgeEquipment = {
  ...dialog, name: 'acknowledge-equipment', form: 'AckEquipmentDialog.vue',
  sends: /\/equipment\//, open: onOverview('equipment-ack'), keeps: ['field-note'],
  good: { 'field-note': '已电话\n通知' }, wrong: note('field-note'),
};

const incident = {
  ...dialog, name: 'incident', form: 'OpenIncidentDialog.vue', sends: /\/incidents$/,
  open: async (person) => {
    await person.press('page-incidents');
    await person.press('incident-new');
  },
  keeps: ['field-title'], good: { 'field-title': '液氯罐区泄漏', 'field-discovered': local(-1) },
  wrong: [
    empty('field-title'), long('field-title', 200), hidden('field-title'),
    ...['', local(2)].map((is) => ({
      at: 'field-discovered', is, told: ['已经过去的时间', 'a time that has passed'],
    })),
  ],
};

/** The page of the incident that was just opened. */
const incidentPage = async (person) => {
  await person.press('page-incidents');
  await person.id('incident-link').filter({ hasText: '液氯罐区泄漏' }).first().click();
};
const onIncident = { who: 'zhao', open: incidentPage, leave: away };

const incidentNote = {
  ...onIncident, name: 'incident-note', form: 'IncidentDetail.vue', submit: 'incident-note-add',
  sends: /\/notes$/, keeps: ['field-incident-note'],
  good: { 'field-incident-note': '已通知消防\n风向东南' },
  wrong: [
    empty('field-incident-note'), long('field-incident-note', 2_000),
    hidden('field-incident-note'),
  ],
  done: (person) =>
    person.see(person.page.locator('[data-testid="incident-entry"][data-act="incident.note"]')),
};

const task = {
  ...onIncident, name: 'task', form: 'IncidentTasks.vue', submit: 'task-add', sends: /\/tasks$/,
  keeps: ['field-task', 'field-owner'], good: { 'field-task': '关闭二号阀', 'field-owner': '陈工' },
  wrong: [
    empty('field-task'), long('field-task', 2_000), hidden('field-task'), empty('field-owner'),
    long('field-owner', 64), hidden('field-owner'),
  ],
  done: (person) => person.see(person.id('task').filter({ hasText: '陈工' })),
};

const FIGURES_MAX = 1_000_000_000_000;
const figures = {
  ...onIncident, name: 'figures', form: 'IncidentFigures.vue', submit: 'figures-save',
  sends: /\/incidents\/[^/]+$/, keeps: ['field-grade-reason'],
  good: {
    'field-deaths': '', 'field-poisoned': '12', 'field-evacuated': '40', 'field-loss_yuan': '',
    'field-grade': 'IV', 'field-grade-reason': '按标准',
  },
  wrong: [
    number('field-deaths', '-1', 0, FIGURES_MAX), number('field-poisoned', '1.5', 0, FIGURES_MAX),
    number('field-evacuated', '很多', 0, FIGURES_MAX),
    number('field-loss_yuan', '1000000000001', 0, FIGURES_MAX), long('field-grade-reason', 2_000),
    hidden('field-grade-reason'),
  ],
  done: (person) => person.see(person.id('suggestion').filter({ hasText: '中毒' })),
};

const meet = {
  ...onIncident, name: 'meet', form: 'incident/MeetForm.vue', submit: 'clock-met-do',
  sends: /\/met$/,
  open: async (person) => {
    await incidentPage(person);
    await person.id('incident-detail').getByTestId('clock-met').first().click();
  },
  good: { 'field-reference': '应急〔2026〕7 号' },
  wrong: [long('field-reference', 200), hidden('field-reference')],
  done: (person) => person.see(person.id('clock').filter({ hasText: '应急〔2026〕7 号' })),
};

const attach = {
  ...onIncident, name: 'files', form: 'incident/IncidentFiles.vue', submit: 'file-send',
  sends: /\/files\?name=/, good: { 'file-picker': file('现场照片.jpg', [1, 2, 3]) },
  wrong: [
    { at: 'file-picker', is: file('空.txt', []), told: ['是空文件', 'is empty'] },
    { at: 'file-picker', is: [], told: ['请先选择', 'Choose a file first'] },
    { at: 'file-picker', is: file('大.bin', Buffer.alloc(20 * 1_048_576 + 1)),
      told: ['超过 20 MiB', 'larger than 20 MiB'] },
    { at: 'file-picker', is: file(`${'名'.repeat(50)}\u202E.txt`, [1]),
      told: ['不可见字符', 'invisible character'], sent: 1 },
  ],
  done: (person) => person.see(person.id('incident-file').filter({ hasText: '现场照片.jpg' })),
};

const reportField = {
  ...onIncident, name: 'report-field', form: 'ReportFieldRow.vue', submit: 'field-save',
  sends: /\/reports\/first\/fields$/,
  open: async (person) => {
    await incidentPage(person);
    await person.press('report-of-first');
    await person.see(person.id('report-state'));
    if (await person.id('field-save').count() === 0) {
      await person.press('field-fill');
    }
  },
  keeps: ['field-report-'], good: { 'field-report-': '法兰泄漏\n已堵漏' },
  wrong: [empty('field-report-'), long('field-report-', 2_000), hidden('field-report-')],
  done: (person) => person.see(person.page.locator('[data-testid="report-field"]')
    .filter({ hasText: '已堵漏' })),
};

const close = {
  ...onIncident, name: 'close', form: 'IncidentClose.vue', submit: 'incident-close-do',
  sends: /\/close$/,
  open: async (person) => {
    await incidentPage(person);
    await person.see(person.id('incident-detail'));
    if (await person.id('incident-close-do').count() === 0) {
      await person.press('incident-close');
    }
  },
  keeps: ['field-cause', 'field-lessons'], good: { 'field-cause': '垫片老化', 'field-lessons': '缩短周期' },
  also: '[data-testid^="field-unmet-"]',
  wrong: [
    empty('field-cause'), long('field-cause', 2_000), hidden('field-cause'),
    empty('field-lessons'), long('field-lessons', 2_000), hidden('field-lessons'),
  ],
  done: (person) => person.see(person.id('closure')),
};

const cancel = {
  ...dialog, name: 'cancel', form: 'CancelDialog.vue', sends: /\/cancel$/,
  open: onOverview('act-cancel'), keeps: ['field-reason'], good: { 'field-reason': '误报\n标定' },
  wrong: [empty('field-reason'), ...note('field-reason')],
};

/** While the gas is there, and after it went. */
export const RED_ROWS = [
  comment, escalate, shelve, confirm, unshelve, takeOut, handOver, accept, acknowledge,
  acknowledgeEquipment, incident, incidentNote, task, figures, meet, attach, reportField, close,
];
export const RETURNED_ROWS = [cancel];
