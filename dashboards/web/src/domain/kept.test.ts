import { beforeEach, expect, it } from 'vitest';

import { forgetTexts, FORMS_MAX, keepText, keptTexts, LENGTH_MAX } from './kept';

class Store implements Storage {
  [name: string]: unknown;
  texts = new Map<string, string>();
  isFull = false;
  get length() {
    return this.texts.size;
  }
  clear = () => {
    this.texts.clear();
  };
  key = () => null;
  getItem = (key: string) => this.texts.get(key) ?? null;
  removeItem = (key: string) => {
    this.texts.delete(key);
  };
  setItem = (key: string, text: string) => {
    if (this.isFull) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    this.texts.set(key, text);
  };
}

let store: Store;
beforeEach(() => {
  store = new Store();
});

it('keeps the texts of a form apart from those of others, until they are sent', () => {
  keepText(store, 'wang comment w1', 'note', '看见白雾');
  keepText(store, 'li comment w1', 'note', 'white fog');
  keepText(store, 'wang comment w1', 'by', '');
  expect(keptTexts(store, 'wang comment w1')).toEqual({ note: '看见白雾', by: '' });
  forgetTexts(store, 'wang comment w1');
  expect(keptTexts(store, 'wang comment w1')).toEqual({});
  expect(keptTexts(store, 'li comment w1')).toEqual({ note: 'white fog' });
});

it('takes away a text that is as it was at the beginning', () => {
  keepText(store, 'a', 'note', 'x');
  keepText(store, 'a', 'reason', 'y');
  keepText(store, 'a', 'note', null);
  expect(keptTexts(store, 'a')).toEqual({ reason: 'y' });
});

it('forgets the form that was typed into longest ago', () => {
  for (let i = 0; i <= FORMS_MAX; i += 1) {
    keepText(store, `form ${i}`, 'note', 'x');
    keepText(store, 'form 0', 'note', 'again');
  }
  expect(keptTexts(store, 'form 0')).toEqual({ note: 'again' });
  expect(keptTexts(store, 'form 1')).toEqual({});
  expect(keptTexts(store, 'form 2')).toEqual({ note: 'x' });
});

it('does not keep what is too long, nor an older text in its place', () => {
  keepText(store, 'a', 'note', 'short');
  keepText(store, 'a', 'note', 'x'.repeat(LENGTH_MAX + 1));
  expect(keptTexts(store, 'a')).toEqual({});
});

it.each(['', '[', 'null', '7', '{"a":{"note":1}}', '{"a":"x"}'])('reads %s as nothing', (text) => {
  store.texts.set('siskin.forms', text);
  expect(keptTexts(store, 'a')).toEqual({});
});

it('a full store is no error', () => {
  keepText(store, 'a', 'note', 'x');
  store.isFull = true;
  keepText(store, 'a', 'note', 'y');
  expect(keptTexts(store, 'a')).toEqual({ note: 'x' });
});
