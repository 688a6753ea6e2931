// The files of a draft as a list: one more, another name, one less, one that comes back.
import { computed, type Ref, shallowRef } from 'vue';

import type { Texts } from '../domain/draft';
import { FIRST_LINES, removedOf, renamed, without } from '../domain/ruleFiles';

/** `file`: which one is shown; `base`: the files of the set that runs. */
export function useDraftFiles(
  files: Ref<Texts>, file: Ref<string>, base: Readonly<Ref<Texts>>,
) {
  /** What was in files when they were removed: they come back with it. */
  const thrown = shallowRef<Texts>({});
  const removed = computed(() => removedOf(base.value, files.value, thrown.value));

  /** The file that is shown, or the first one where there is none of its name any more. */
  function showSome(): void {
    if (!(file.value in files.value)) {
      file.value = Object.keys(files.value).sort()[0] ?? '';
    }
  }

  return {
    showSome, removed,
    /** Another file, which is shown. */
    addFile: (name: string) => {
      files.value = { ...files.value, [name]: FIRST_LINES };
      file.value = name;
    },
    renameFile: (from: string, to: string) => {
      files.value = renamed(from, to, files.value);
      file.value = to;
    },
    removeFile: (name: string) => {
      thrown.value = { ...thrown.value, [name]: files.value[name] ?? '' };
      files.value = without(name, files.value);
      showSome();
    },
    /** A removed file as it was, or as the running set has it. */
    putFileBack: (name: string) => {
      const text = thrown.value[name] ?? base.value[name];
      if (text !== undefined) {
        files.value = { ...files.value, [name]: text };
        file.value = name;
      }
    },
  };
}
