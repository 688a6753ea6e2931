import { expect, it } from 'vitest';

import { faultsOf, fieldOf, fitText, needNumber, needText, oneLine } from './form';

it('a text must be there and fit', () => {
  expect(needText('  ', 5)).toEqual({ key: 'form.empty', holes: {} });
  expect(needText('检修中', 3)).toBeNull();
  expect(needText('𠮷𠮷𠮷', 3)).toBeNull();
  expect(needText('abcd', 3)).toEqual({ key: 'form.long', holes: { length: 4, max: 3 } });
});

it('a text that may be empty must fit', () => {
  expect(['', '  ', '检修中'].map((text) => fitText(text, 3))).toEqual([null, null, null]);
  expect(fitText('abcd', 3)).toEqual({ key: 'form.long', holes: { length: 4, max: 3 } });
});

it('a note is one line, with nothing else changed', () => {
  expect(oneLine(' 看见白雾\r\n  阀门已关\n\n ')).toBe('看见白雾 阀门已关');
  expect(oneLine('a\tb')).toBe('a b');
  expect(oneLine('a  b')).toBe('a  b');
});

it('a number must be whole and between its limits', () => {
  const fault = { key: 'form.number', holes: { min: 1, max: 30 } };
  expect(['1', '30'].map((text) => needNumber(text, 1, 30))).toEqual([null, null]);
  for (const text of ['', ' ', '0', '31', '1.5', 'abc', '-1', 'NaN']) {
    expect(needNumber(text, 1, 30)).toEqual(fault);
  }
});

it('only what is wrong is left of the checks', () => {
  const empty = { key: 'form.empty', holes: {} };
  expect(faultsOf({ reason: empty, minutes: null })).toEqual({ reason: empty });
});

/** The forms of the page and what they call their fields. */
const FORMS = {
  comment: ['note'],
  shelve: ['minutes', 'reason'],
  'take-out': ['channel', 'work_order', 'owner', 'reason', 'until_ms', 'minutes'],
  'set-up': ['code', 'name', 'display', 'password'],
  'sign-in': ['name', 'password'],
  roster: ['text', 'reason'],
  person: ['name', 'display', 'password', 'areas'],
  'own-password': ['old', 'new'],
  token: ['name', 'days', 'role'],
  contact: ['id', 'name', 'phones', 'email', 'organisation', 'note'],
  substitute: ['person', 'note'],
  drill: ['peak', 'rise_s', 'hold_s', 'decay_s', 'length_s', 'note'],
  incident: ['title', 'discovered_at_ms'],
  task: ['text', 'owner'],
};

it.each([
  ['comment', 'bad-field', 'The field `note` has 1001 characters. Use at most 1000.', 'note'],
  ['comment', 'second-person', '`wang` proposed this.', null],
  ['shelve', 'bad-body', 'The body does not fit at `minutes`: …', 'minutes'],
  ['shelve', 'time-out-of-range', 'A time of 99 min is not possible.', 'minutes'],
  ['shelve', 'bad-field', 'The field `reason` is empty. Fill it in.', 'reason'],
  ['take-out', 'bad-field', 'The field `work_order` is empty. Fill it in.', 'work_order'],
  ['take-out', 'time-out-of-range', 'A time of 99 min is not possible.', 'minutes'],
  ['take-out', 'channel-not-found', 'There is no channel `x`.', 'channel'],
  ['set-up', 'setup-refused', 'The code is wrong, or an admin was set up already.', 'code'],
  ['set-up', 'bad-field', '`9x` is no name of an account. … goes into `display`.', 'name'],
  ['set-up', 'password-length', 'The password has 3 characters.', 'password'],
  ['sign-in', 'sign-in-refused', 'Name or password is wrong.', null],
  ['sign-in', 'locked', 'Too many sign-ins with this name failed.', null],
  ['roster', 'roster-refused', 'The roster has problems.', 'text'],
  ['roster', 'duty-changed', 'Somebody else has changed the duty meanwhile.', null],
  ['person', 'bad-field', '`9x` is no name of an account. … goes into `display`.', 'name'],
  ['person', 'name-taken', 'The name `li` is taken.', 'name'],
  ['person', 'area-not-found', 'There is no area `x`.', 'areas'],
  ['person', 'password-length', 'The password has 3 characters.', 'password'],
  ['own-password', 'password-length', 'The password has 3 characters.', 'new'],
  ['own-password', 'sign-in-refused', 'Name or password is wrong.', 'old'],
  ['token', 'bad-field', 'A token may not hold for 900 days. Choose 1 to 400.', 'days'],
  ['token', 'beyond-owner', 'More than its owner may.', 'role'],
  ['contact', 'contact-refused', 'The contact does not fit: `name` is empty; …', 'name'],
  ['contact', 'contact-refused', '`chen` is not an e-mail address; … `name@park`', 'email'],
  ['contact', 'contact-refused', '9 telephone numbers are more than 8; …', 'phones'],
  ['contact', 'contact-refused', 'there is no telephone number and no e-mail; …', 'phones'],
  ['substitute', 'contact-not-found', 'The contact book has nobody `x`.', 'person'],
  ['drill', 'drill-unfit', 'The drill cannot be played: `rise_s` is not possible', 'rise_s'],
  ['drill', 'drill-unfit', 'The drill cannot be played: the drill would last 9 s', 'length_s'],
  ['drill', 'drill-runs', 'Drill 4 runs.', null],
  ['incident', 'bad-field', 'The field `title` is empty. Fill it in.', 'title'],
  ['task', 'bad-field', 'The field `owner` has 65 characters.', 'owner'],
  ['task', 'incident-refused', 'The incident is closed.', null],
] as const)('in %s a refusal %s (%s) is told at %s', (form, kind, detail, field) => {
  expect(fieldOf(kind, detail, FORMS[form])).toBe(field);
});
