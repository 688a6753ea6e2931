import { describe, expect, it } from 'vitest';

import { LOOK, lookOf } from './look';
import { searchOf, viewOf } from './query';

describe('what a browser kept of language and theme', () => {
  function check(text: string | null, lang: string, theme: string) {
    expect(lookOf(text), String(text)).toEqual({ lang, theme });
  }

  it('is read as it was written', () => {
    check(JSON.stringify({ lang: 'en', theme: 'light' }), 'en', 'light');
    check(JSON.stringify({ lang: 'zh', theme: 'dark' }), 'zh', 'dark');
  });

  it('is Chinese and dark where nothing, or nothing that is understood, was kept', () => {
    check(null, 'zh', 'dark');
    for (const text of ['', '{', 'null', '7', '"en"', '[]', '{"lang":"fr","theme":["light"]}']) {
      check(text, 'zh', 'dark');
    }
    check('{"lang":"en","theme":null}', 'en', 'dark');
  });
});

describe('language and theme of an address', () => {
  const english = { lang: 'en', theme: 'light' } as const;

  function check(search: string, kept: typeof LOOK, lang: string, theme: string) {
    expect(viewOf(search, kept), search).toMatchObject({ lang, theme });
  }

  it('win over what was kept, and this over the default', () => {
    check('', LOOK, 'zh', 'dark');
    check('', english, 'en', 'light');
    check('?lang=zh', english, 'zh', 'light');
    check('?theme=dark', english, 'en', 'dark');
    check('?lang=en&theme=light', LOOK, 'en', 'light');
    check('?lang=fr&theme=', english, 'en', 'light');
  });

  it('stand in the address that is written', () => {
    expect(searchOf(viewOf('?item=7', english), '?own=1'))
      .toBe('?own=1&lang=en&theme=light&range=15m&item=7');
  });
});
