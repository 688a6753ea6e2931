// Writes the dashboards from source/; with --check says which of them are not as they would be
// written. Needs no package.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { kpi, one, park, quality } from "./source/dashboards.mjs";
import { dashboard } from "./source/parts.mjs";

const SOURCES = [
  { type: "prometheus", uid: "siskin-victoriametrics", short: "vm", name: "VictoriaMetrics" },
  { type: "influxdb", uid: "siskin-influxdb", short: "influx", name: "InfluxDB 2" },
];
const folder = new URL("./dashboards/", import.meta.url);
const isCheck = process.argv.includes("--check");
const stale = [];

for (const source of SOURCES) {
  mkdirSync(new URL(`${source.name.split(" ")[0].toLowerCase()}/`, folder), { recursive: true });
  for (const given of [park, one, quality, kpi]) {
    const made = dashboard(given, source);
    const path = new URL(`${source.name.split(" ")[0].toLowerCase()}/${given.uid}.json`, folder);
    const text = `${JSON.stringify(made, null, 2)}\n`;
    if (!isCheck) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) stale.push(path.pathname);
  }
}
if (stale.length > 0) {
  console.error(`error: not as source/ says: \`${stale.join("`, `")}\`\nhint: node build.mjs`);
  process.exit(1);
}
