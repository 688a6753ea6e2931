// Panels, queries and variables in the form that Grafana's dashboards have (schemaVersion 39).
// No number of a standard is drawn as a limit: limits are data of the site, not of a picture.

export const QUALITIES = [
  ["0", "正常 good", "green"],
  ["1", "存疑 uncertain", "yellow"],
  ["2", "超量程 over-range", "purple"],
  ["3", "预热 warm-up", "blue"],
  ["4", "标定 calibration", "blue"],
  ["5", "维护 maintenance", "blue"],
  ["6", "故障 fault", "red"],
  ["7", "通信中断 comm-lost", "dark-red"],
  ["8", "人工 manual", "orange"],
];
export const ORIGINS = [
  ["0", "实时 live", "green"],
  ["1", "补传 backlog", "yellow"],
  ["2", "导入 import", "blue"],
  ["3", "演练 exercise", "purple"],
];
export const TIERS = [
  ["0", "无 none", "green"],
  ["1", "蓝 blue", "blue"],
  ["2", "黄 yellow", "yellow"],
  ["3", "橙 orange", "orange"],
  ["4", "红 red", "red"],
];
export const ACTIVE = [
  ["0", "结束 cleared", "green"],
  ["1", "报警 active", "red"],
];

const mapping = (list) => [
  {
    type: "value",
    options: Object.fromEntries(list.map(([value, text, color]) => [value, { text, color }])),
  },
];

function defaults(options) {
  const { unit = "none", mapped, color = "palette-classic", custom, min } = options;
  return {
    unit,
    ...(min === undefined ? {} : { min }),
    color: mapped ? { mode: "thresholds" } : { mode: color },
    mappings: mapped ? mapping(mapped) : [],
    thresholds: { mode: "absolute", steps: [{ color: "text", value: null }] },
    ...(custom ? { custom } : {}),
  };
}

function panel(type, title, size, queries, options, own) {
  const { description, interval, overrides = [] } = options;
  return {
    type,
    title,
    size,
    queries,
    ...(description ? { description } : {}),
    ...(interval ? { interval } : {}),
    fieldConfig: { defaults: defaults(options), overrides },
    options: own,
  };
}

/** One number. */
export function stat(title, width, queries, options = {}) {
  const own = {
    colorMode: options.mapped ? "background" : "value",
    graphMode: "none",
    justifyMode: "auto",
    orientation: "auto",
    percentChangeColorMode: "standard",
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    showPercentChange: false,
    textMode: "auto",
    wideLayout: true,
  };
  const once = queries.map((query) => ({ ...query, instant: true }));
  return panel("stat", title, [width, 4], once, { color: "thresholds", ...options }, own);
}

/** Lines; a gap stays a gap. */
export function lines(title, width, queries, options = {}) {
  const custom = {
    drawStyle: options.bars ? "bars" : "line",
    fillOpacity: options.bars ? 60 : 5,
    lineInterpolation: "linear",
    lineWidth: 1,
    showPoints: "auto",
    spanNulls: false,
    ...(options.stacked ? { stacking: { mode: "normal", group: "A" } } : {}),
  };
  const own = {
    legend: { calcs: ["max", "lastNotNull"], displayMode: "table", placement: "right", showLegend: true },
    tooltip: { mode: "multi", sort: "desc" },
  };
  return panel("timeseries", title, [width, 9], queries, { custom, ...options }, own);
}

/** States over time, in words. */
export function states(title, width, queries, mapped, options = {}) {
  const custom = { fillOpacity: 80, lineWidth: 0 };
  const own = {
    legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: true },
    tooltip: { mode: "single", sort: "none" },
    alignValue: "left",
    mergeValues: true,
    rowHeight: 0.9,
    showValue: "auto",
  };
  return panel("state-timeline", title, [width, 7], queries, { mapped, custom, ...options }, own);
}

/** A row for each series as it is now. */
export function table(title, width, queries, options = {}) {
  const asked = queries.map((query) => ({ ...query, instant: true, format: "table" }));
  const custom = { align: "auto", cellOptions: { type: "auto" }, inspect: false };
  const own = { cellHeight: "sm", frameIndex: 0, showHeader: true };
  const made = panel("table", title, [width, 9], asked, { custom, ...options }, own);
  const hidden = Object.fromEntries(["Time", "__name__", "_start", "_stop"].map((n) => [n, true]));
  const renameByName = { Value: "值 value", _value: "值 value" };
  made.transformations = [
    { id: "organize", options: { excludeByName: hidden, indexByName: {}, renameByName } },
  ];
  return made;
}

/** A question to either database. */
export const ask = (promql, flux, legend) => ({ promql, flux, legend });

const target = {
  prometheus: ({ promql, legend, instant, format }, datasource, refId) => ({
    refId,
    datasource,
    expr: promql,
    legendFormat: legend ?? "__auto",
    format: format ?? "time_series",
    instant: Boolean(instant),
    range: !instant,
  }),
  influxdb: ({ flux }, datasource, refId) => ({ refId, datasource, query: flux }),
};

/** Places panels from left to right, row by row. */
function placed(panels, source) {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ size: [w, h], queries, ...rest }, i) => {
    if (x + w > 24) [x, y, height] = [0, y + height, 0];
    const gridPos = { h, w, x, y };
    [x, height] = [x + w, Math.max(height, h)];
    const datasource = { type: source.type, uid: source.uid };
    const letter = (n) => String.fromCharCode(65 + n);
    const targets = queries.map((query, n) => target[source.type](query, datasource, letter(n)));
    return { id: i + 1, gridPos, datasource, targets, ...rest };
  });
}

/** A choice among what is stored under a tag. */
export const tag = (name, label, promql, flux, { all = true } = {}) => ({ name, label, promql, flux, all });
/** A number that whoever looks may change. */
export const number = (name, label, value) => ({ name, label, value });

function variable(given, source) {
  const { name, label } = given;
  if (given.value !== undefined) {
    const current = { text: given.value, value: given.value };
    return { type: "textbox", name, label, query: given.value, current, options: [] };
  }
  const query = source.type === "prometheus" ? { query: given.promql, refId: name } : given.flux;
  return {
    type: "query",
    name,
    label,
    datasource: { type: source.type, uid: source.uid },
    query,
    refresh: 2,
    sort: 1,
    multi: given.all,
    includeAll: given.all,
    ...(given.all ? { allValue: ".+", current: { text: ["All"], value: ["$__all"] } } : {}),
  };
}

export function dashboard({ uid, title, description, variables, panels, from = "now-6h" }, source) {
  return {
    uid: `${uid}-${source.short}`,
    title: `${title} (${source.name})`,
    description,
    tags: ["siskin"],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    time: { from, to: "now" },
    timezone: "browser",
    refresh: "30s",
    links: [{
      type: "dashboards", title: "黄雀 Siskin", tags: ["siskin"], asDropdown: true, icon: "", tooltip: "",
      includeVars: true, keepTime: true, targetBlank: false, url: "",
    }],
    annotations: { list: [] },
    templating: { list: variables.map((given) => variable(given, source)) },
    panels: placed(panels, source),
  };
}
