// A failure of the page itself. It stays on show until the page is loaded anew.
import { ref } from 'vue';

export const failure = ref<string | null>(null);

export function reportFailure(error: unknown): void {
  failure.value = error instanceof Error ? error.message : String(error);
}
