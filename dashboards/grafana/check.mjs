// Checks every dashboard file against Grafana's types: `satisfies` refuses keys that are unknown,
// missing or of another kind. Flux is checked by its own checker; PromQL is tried on a real server in
// tests/tests/grafana. Then what types cannot say: ids, places, variables, languages.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { isFlux } from "./flux-check.mjs";

const here = dirname(fileURLToPath(import.meta.url));
// Grafana fills in these itself.
const BUILT_IN = new Set(["__interval", "__range", "__range_s"]);

/** The same text as a TypeScript file that says what it must be. */
const asTypeScript = (json) => `import type { File } from "../file";\nexport default ${json.trim()} satisfies File;\n`;

/** Type errors of texts by name, which exist in memory only. */
function typeErrors(texts) {
  const options = {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.getSourceFile = (name, ...rest) =>
    texts.has(name) ? ts.createSourceFile(name, texts.get(name), rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([...texts.keys()], options, host);
  const said = (found) => {
    const line = found.file ? found.file.getLineAndCharacterOfPosition(found.start).line : 0;
    const text = ts.flattenDiagnosticMessageText(found.messageText, "\n  ");
    return `${found.file ? relative(here, found.file.fileName) : ""}:${line}: ${text}`;
  };
  return ts.getPreEmitDiagnostics(program).map(said);
}

function variablesIn(text) {
  const names = [...text.matchAll(/\$\{?([A-Za-z_]+)/g)].map((found) => found[1]);
  return names.filter((name) => !BUILT_IN.has(name));
}

const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
const isInBoth = (text) => /\p{Script=Han}/u.test(text) && /[A-Za-z]/.test(text);

function* faults(board) {
  for (const { name, query } of board.templating.list) {
    const isQuery = typeof query === "string" && query.includes("(");
    if (isQuery && !isFlux(query)) yield `variable \`${name}\` is not Flux: ${query}`;
  }
  const known = new Set(board.templating.list.map((variable) => variable.name));
  for (const [i, panel] of board.panels.entries()) {
    if (!isInBoth(panel.title)) yield `panel \`${panel.title}\` is not in both languages`;
    if (panel.gridPos.x + panel.gridPos.w > 24) yield `panel \`${panel.title}\` is wider than the page`;
    for (const other of board.panels.slice(i + 1)) {
      if (panel.id === other.id) yield `two panels have the id ${panel.id}`;
      if (overlap(panel.gridPos, other.gridPos)) yield `\`${panel.title}\` lies over \`${other.title}\``;
    }
    for (const target of panel.targets) {
      if (target.datasource.uid !== panel.datasource.uid) yield `\`${panel.title}\` asks two sources`;
      if (target.query && !isFlux(target.query)) yield `\`${panel.title}\` is not Flux: ${target.query}`;
      for (const name of variablesIn(target.expr ?? target.query)) {
        if (!known.has(name)) yield `\`${panel.title}\` has an unknown variable \`${name}\``;
      }
    }
  }
}

const folders = readdirSync(join(here, "dashboards"));
const files = folders.flatMap((folder) =>
  readdirSync(join(here, "dashboards", folder)).map((name) => join("dashboards", folder, name)));
// Whether the check can fail: one key that Grafana does not know, in a dashboard that is good.
const [first] = files.map((file) => readFileSync(join(here, file), "utf8"));
const broken = asTypeScript(first.replace('"textMode"', '"colour"'));
const refused = typeErrors(new Map([[join(here, "check", "broken.ts"), broken]]));
const canFail = refused.length === 1 && refused[0].includes('"colour"');
const errors = canFail ? [] : [`a dashboard with an unknown key is not refused: ${refused}`];
if (isFlux('from(bucket: "a") |> range(start: -1h) |> topp(n: 3)')) errors.push("Flux is not checked");
if (files.length === 0) errors.push("no dashboards");

const texts = new Map();
const uids = new Set();
for (const file of files) {
  const json = readFileSync(join(here, file), "utf8");
  texts.set(join(here, "check", `${file.replaceAll("/", "-")}.ts`), asTypeScript(json));
  const board = JSON.parse(json);
  if (uids.has(board.uid)) errors.push(`${file}: the uid \`${board.uid}\` is taken`);
  uids.add(board.uid);
  for (const fault of faults(board)) errors.push(`${file}: ${fault}`);
}
errors.push(...typeErrors(texts));
for (const error of errors) console.error(`error: ${error}`);
if (errors.length > 0) process.exit(1);
console.log(`${files.length} dashboards are as Grafana's types say`);
