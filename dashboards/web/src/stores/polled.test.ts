import { expect, it } from 'vitest';

import { polled } from './polled';

/** An answer that is given when the test says so. */
function station() {
  const waiting: ((answer: number | Error) => void)[] = [];
  const ask = () => new Promise<number>((resolve, reject) => {
    waiting.push((answer) => {
      if (answer instanceof Error) {
        reject(answer);
      } else {
        resolve(answer);
      }
    });
  });
  return { waiting, thing: polled(ask) };
}

it('is never asked twice at once, and once more after an answer that may be old', async () => {
  const { waiting, thing } = station();
  const done = thing.refresh();
  void thing.refresh();
  void thing.refresh();
  expect(waiting.length).toBe(1);
  waiting[0]!(1);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(waiting.length).toBe(2);
  waiting[1]!(2);
  await done;
  expect(thing.value.value).toBe(2);
  expect(waiting.length).toBe(2);
});

it('keeps the last answer beside a failure, and forgets both for somebody else', async () => {
  const { waiting, thing } = station();
  const first = thing.refresh();
  waiting[0]!(7);
  await first;
  const second = thing.refresh();
  waiting[1]!(new Error('away'));
  await second;
  expect(thing.value.value).toBe(7);
  expect(thing.problem.value?.en).toContain('away');
  const third = thing.refresh();
  thing.forget();
  waiting[2]!(9);
  await third;
  expect([thing.value.value, thing.problem.value]).toEqual([null, null]);
});
