import { describe, expect, it } from 'vitest';

import type { DueState } from '../api/contract';
import { type ChannelFilter, channelsOf, filterOf, queryWith } from './channels';
import { alarm, channel, NOW_MS, park, site, value } from './samples';

const NONE: ChannelFilter = { text: '', area: null, quantity: null, state: null };

function check(
  filter: Partial<ChannelFilter>, expected: string[], due: [string, DueState[]][] = [],
): void {
  const wind = channel('w-1', 'mast', { quantity: 'wind-speed', is_gas: false, area: 'yard' });
  const shown = park({
    site: site([channel('a-cl2', 'a'), channel('b-cl2', 'b'), wind]),
    values: [
      value('a-cl2'), value('b-cl2', { quality: 'fault', value: null }),
      value('w-1', { quality: 'maintenance' }),
    ],
    alarms: [alarm('a-cl2', 'red')],
  });
  const found = channelsOf(shown, { ...NONE, ...filter }, new Map(due), NOW_MS);
  expect(found.map(({ id }) => id)).toEqual(expected);
}

describe('the list of channels', () => {
  it('shows all in the order of the site', () => {
    check({}, ['a-cl2', 'b-cl2', 'w-1']);
  });

  it('finds every word, in any case and any name', () => {
    check({ text: 'CL2' }, ['a-cl2', 'b-cl2']);
    check({ text: ' b  cl2 ' }, ['b-cl2']);
    check({ text: 'mast' }, ['w-1']);
    check({ text: 'nothing' }, []);
  });

  it('narrows by area, gas and state together', () => {
    check({ area: 'yard' }, ['w-1']);
    check({ quantity: 'chlorine' }, ['a-cl2', 'b-cl2']);
    check({ state: 'alarm' }, ['a-cl2']);
    check({ state: 'blind' }, ['b-cl2']);
    check({ state: 'held' }, ['w-1']);
    check({ state: 'calm' }, ['a-cl2']);
    const due: [string, DueState[]][] = [['b-cl2', ['overdue', 'soon']], ['w-1', ['no-record']]];
    check({ state: 'overdue' }, ['b-cl2'], due);
    check({ state: 'soon' }, ['b-cl2'], due);
    check({ state: 'no-record' }, ['w-1'], due);
    check({ state: 'overdue' }, []);
    check({ state: 'calm', area: 'yard' }, []);
  });
});

describe('the filter in the address', () => {
  it('comes back as it was, and the rest of the address stays', () => {
    const filter: ChannelFilter = { text: '氯', area: 'yard', quantity: null, state: 'blind' };
    const query = queryWith(filter, { lang: 'en', gas: 'old' });
    expect(query).toEqual({ lang: 'en', q: '氯', area: 'yard', state: 'blind', gas: undefined });
    expect(filterOf(query)).toEqual(filter);
  });

  it('narrows nothing by what it does not know', () => {
    expect(filterOf({ state: 'odd', q: ['a', 'b'], area: '' })).toEqual(NONE);
  });
});
