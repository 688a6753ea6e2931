// Two people who do the same at once. The same keys as the Chinese words.
import type zh from './together.zh-CN';

const en: typeof zh = {
  together: {
    shelved: '{by} was first and shelved it at {at}. What you wrote was not sent.',
    proposed: '{by} was first and proposed to shelve it at {at}: a second person must confirm.'
      + ' What you wrote was not sent.',
    filled: 'While you were writing {by} filled this in at {at}: {lines}. Saving again puts yours'
      + ' in its place.',
    accepted: '{by} has taken over first. What you wrote was not sent:',
    discard: 'No longer needed',
    changed: 'Somebody else was first and changed this, it is now: {now}. Yours was not sent;'
      + ' pressing again puts yours in its place.',
    removed: 'Somebody else was first and removed this. Yours was not sent; pressing again writes'
      + ' it anew.',
  },
};

export default en;
