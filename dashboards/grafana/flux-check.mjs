// The checker of Flux by its makers: a program for browsers, loaded into Node by hand.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const folder = new URL(".", `file://${createRequire(import.meta.url).resolve("@influxdata/flux-lsp-browser/package.json")}`);
const glue = readFileSync(new URL("flux-lsp-browser_bg.js", folder), "utf8");
// Its glue and its program need each other: the glue gets an empty one first.
const program = { memory: { buffer: new ArrayBuffer(0) } };
globalThis.fluxProgram = program;
const code = glue.replace(/^import \* as wasm from .*$/m, "const wasm = globalThis.fluxProgram;");
const bound = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const wasm = readFileSync(new URL("flux-lsp-browser_bg.wasm", folder));
const { instance } = await WebAssembly.instantiate(wasm, { "./flux-lsp-browser_bg.js": bound });
Object.assign(program, instance.exports);
instance.exports.__wbindgen_start?.();

// What Grafana fills in.
const GIVEN =
  'option v = {timeRangeStart: -1h, timeRangeStop: now(), windowPeriod: 15s, defaultBucket: "air"}\n';

/** Whether a query of a dashboard parses and knows all that it names. */
export function isFlux(query) {
  const filled = query.replace(/\$\{(\w+):regex\}/g, "$1").replace(/\$\{\w+\}/g, "60");
  const [imports, rest] = [/^import .*$/gm, filled.replace(/^import .*$/gm, "")];
  const head = (filled.match(imports) ?? []).join("\n");
  return new bound.Flux(`${head}\n${GIVEN}${rest}`).is_valid();
}
