// Hands a text to the browser as a file.

/** Long enough for any browser to have read it. */
const KEPT_MS = 60_000;

export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => {
    URL.revokeObjectURL(url);
  }, KEPT_MS);
}
