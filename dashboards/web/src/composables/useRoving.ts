// One tab stop for a group of many: the arrow keys move inside it.
import type { Ref } from 'vue';

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Gives the keydown handler of the group; its members are the elements with `data-roving`. */
export function useRoving(group: Ref<Element | null>): (event: KeyboardEvent) => void {
  return (event) => {
    const members = [...(group.value?.querySelectorAll<HTMLElement>('[data-roving]') ?? [])];
    const here = members.findIndex((member) => member === document.activeElement);
    const step = STEPS[event.key];
    let next: HTMLElement | undefined;
    if (event.key === 'Home') {
      next = members[0];
    } else if (event.key === 'End') {
      next = members.at(-1);
    } else if (step !== undefined && here >= 0) {
      next = members[(here + step + members.length) % members.length];
    }
    if (next !== undefined) {
      event.preventDefault();
      next.focus();
    }
  };
}
