// What the four dashboards show. Titles in Chinese, then English. PromQL for VictoriaMetrics
// (with its own functions), Flux for InfluxDB 2.
import { ACTIVE, ORIGINS, QUALITIES, TIERS } from "./parts.mjs";
import { ask, lines, number, stat, states, table, tag } from "./parts.mjs";
import { joined, numbers, read, valuesOf, where, windowed } from "./flux.mjs";

// An event stands until the next one: so far back is looked for it.
const KEPT = "90d";
const SINCE = "-90d";

const site = tag("site", "园区 Site", "label_values(reading_quality, site)", valuesOf("site"));
const channel = tag(
  "channel",
  "通道 Channel",
  'label_values(reading_quality{site=~"$site"}, channel)',
  valuesOf("channel"),
  { all: false },
);

// A window with a reading that is no measurement of the air (quality 3 and above) is drawn apart,
// not left out: a peak never disappears.
const HIGHEST = 'max_over_time(reading_value{site=~"$site"}[$__interval])';
const NOT_AIR = 'max_over_time(reading_quality{site=~"$site"}[$__interval]) > 2';
const BY = "by (area, quantity, unit)";
const BY_FLUX = '  |> group(columns: ["area", "quantity", "unit"])\n';
const OF_SITE = '{site=~"$site"}';

const warningNow = `last_over_time(warning_tier_level${OF_SITE}[${KEPT}])`;
const warningNowFlux = `${read("warning", "tier_level", { since: SINCE })}  |> last()\n`;
const activeFlux = where(warningNowFlux, "r._value > 0");
const unacknowledged =
  `count((${warningNow} > 0) and on (site, area, gas) ` +
  `(last_over_time(warning_acknowledged${OF_SITE}[${KEPT}]) == 0)) or vector(0)`;
const silent = `time() - tlast_over_time(reading_quality${OF_SITE}[1d])`;
const SILENT_FLUX =
  `${read("reading", "quality", { since: "-1d" })}  |> last()\n  |> group()\n` +
  "  |> map(fn: (r) => ({r with _value: float(v: int(v: now()) - int(v: r._time)) / 1000000000.0}))\n";
const count = (rows) => `${rows}  |> group()\n  |> count()\n`;

export const park = {
  uid: "siskin-park",
  title: "园区总览 Park overview",
  description: "正在进行的预警、各区域最高值、无数据的通道。Warnings, highest values of the areas, silent channels.",
  variables: [site, number("silent_s", "无数据秒数 Silent after, s", "60")],
  panels: [
    stat("最高预警级别 Highest tier", 6, [
      ask(`max(${warningNow}) or vector(0)`, joined(warningNowFlux, [], "max")),
    ], { mapped: TIERS }),
    stat("进行中的预警 Active warnings", 6, [
      ask(`count(${warningNow} > 0) or vector(0)`, count(activeFlux)),
    ]),
    stat("未确认的预警 Not acknowledged", 6, [
      ask(unacknowledged, count(where(
        `${read("warning", "acknowledged", { since: SINCE })}  |> last()\n`, "r._value == 0"))),
    ], { description: "InfluxDB：含已结束而未确认的。With InfluxDB also those that are over." }),
    stat("无数据的通道 Silent channels", 6, [
      ask(`count((${silent}) > $silent_s) or vector(0)`,
        count(where(SILENT_FLUX, "r._value > ${silent_s}"))),
    ]),
    lines("各区域最高值 Highest value of each area", 24, [
      ask(`max ${BY} (${HIGHEST} unless on (site, channel) (${NOT_AIR}))`,
        windowed(`${numbers("<= 2")}${BY_FLUX}`, "max"),
        "{{area}} {{quantity}} {{unit}}"),
      ask(`max ${BY} (${HIGHEST} and on (site, channel) (${NOT_AIR}))`,
        windowed(`${numbers("> 2")}${BY_FLUX}`, "max"),
        "{{area}} {{quantity}} {{unit}}（含标定等 with calibration etc.）"),
    ], {
      interval: "1s",
      description:
        "每个像素内的最高值，峰值不会消失。标定、维护等时段的数值单独成线。" +
        "The highest value of each step: no peak is lost. Steps with calibration, maintenance etc. are lines of " +
        "their own.",
    }),
    table("进行中的预警 Active warnings", 12, [ask(`${warningNow} > 0`, activeFlux)], { mapped: TIERS }),
    table("当前最高的通道 Highest channels now", 12, [
      ask(
        `topk(20, reading_value${OF_SITE} and on (site, channel) (reading_quality${OF_SITE} <= 2))`,
        `${numbers("<= 2", { since: "-5m" })}  |> last(column: "_value")\n  |> group()\n  |> top(n: 20)\n`),
    ]),
  ],
};

const OF_CHANNEL = '{site=~"$site",channel="$channel"}';
const HERE = { tags: ["site", "channel"] };
const over = (fn, field) => `${fn}_over_time(reading_${field}${OF_CHANNEL}[$__interval])`;
const overFlux = (fn, field) => windowed(read("reading", field, HERE), fn);

export const one = {
  uid: "siskin-channel",
  title: "通道 Channel",
  description: "一个通道的数值、质量、时延、来源和报警。A channel's values, quality, delay, origin and alarms.",
  variables: [site, channel],
  panels: [
    lines("数值 Value", 24, [
      ask(over("max", "value"), overFlux("max", "value"), "最高 max {{unit}}"),
      ask(over("avg", "value"), overFlux("mean", "value"), "平均 mean {{unit}}"),
      ask(over("min", "value"), overFlux("min", "value"), "最低 min {{unit}}"),
    ], { interval: "1s", description: "含所有质量，见下图。Of all qualities: see below." }),
    states("质量（每步最大代码） Quality (highest code of each step)", 24, [
      ask(over("max", "quality"), overFlux("max", "quality"), "{{channel}}"),
    ], QUALITIES, { interval: "1s" }),
    states("报警 Alarms", 24, [
      ask(`last_over_time(alarm_active${OF_CHANNEL}[${KEPT}])`, read("alarm", "active", HERE),
        "{{rule}} {{kind}}"),
    ], ACTIVE),
    lines("收到时延（最大） Delay (highest)", 12, [
      ask(over("max", "received_ms_after"), overFlux("max", "received_ms_after"), "{{channel}}"),
    ], { interval: "1s", unit: "ms" }),
    states("来源（每步最大代码） Origin (highest code of each step)", 12, [
      ask(over("max", "origin"), overFlux("max", "origin"), "{{channel}}"),
    ], ORIGINS, { interval: "1s" }),
  ],
};

const NOW = "[5m]";

export const quality = {
  uid: "siskin-quality",
  title: "数据质量 Data quality",
  description: "完整率、有效率、时延、无数据和补传。Completeness, share of good, delay, silence, backlog.",
  variables: [site, number("period_s", "采样周期秒 Period, s", "1")],
  panels: [
    lines("各质量的通道数 Channels by quality", 12, QUALITIES.map(([code, text]) =>
      ask(`count(last_over_time(reading_quality${OF_SITE}${NOW}) == ${code})`,
        `${where(windowed(read("reading", "quality"), "last"), `r._value == ${code}`)}` +
          '  |> group(columns: ["_time"])\n  |> count()\n  |> group()\n',
        text)), { stacked: true, min: 0 }),
    lines("收到时延（最大） Delay (highest)", 12, [
      ask(`max by (analyzer) (max_over_time(reading_received_ms_after${OF_SITE}[$__interval]))`,
        joined(windowed(read("reading", "received_ms_after"), "max"), ["analyzer", "_time"], "max"),
        "{{analyzer}}"),
    ], { unit: "ms", interval: "1s" }),
    table("完整率最低的通道 Least complete channels", 12, [
      ask(`bottomk(30, count_over_time(reading_quality${OF_SITE}[$__range]) * $period_s / $__range_s)`,
        `${read("reading", "quality")}  |> count()\n  |> group()\n` +
          "  |> map(fn: (r) => ({r with _value: float(v: r._value) * float(v: ${period_s}) * 1000000000.0 / " +
          "float(v: int(v: v.timeRangeStop) - int(v: v.timeRangeStart))}))\n  |> bottom(n: 30)\n"),
    ], { unit: "percentunit", description: "所选时段内读数个数除以应有个数。Readings of the time looked at by those expected." }),
    table("正常读数占比最低的通道 Lowest share of good", 12, [
      ask(`bottomk(30, share_le_over_time(reading_quality${OF_SITE}[$__range], 0))`,
        `${read("reading", "quality")}  |> map(fn: (r) => ({r with _value: if r._value == 0 then 1.0 else 0.0}))\n` +
          "  |> mean()\n  |> group()\n  |> bottom(n: 30)\n"),
    ], { unit: "percentunit" }),
    table("最久无数据的通道 Longest silent channels", 12, [
      ask(`topk(30, ${silent})`, `${SILENT_FLUX}  |> top(n: 30)\n`),
    ], { unit: "s" }),
    lines("非实时读数 Readings that were not live", 12, ORIGINS.slice(1).map(([code, text]) =>
      ask(`sum(count_eq_over_time(reading_origin${OF_SITE}[$__interval], ${code}))`,
        `${windowed(where(read("reading", "origin"), `r._value == ${code}`), "count")}` +
          '  |> group(columns: ["_time"])\n  |> sum()\n  |> group()\n',
        text)), { bars: true, min: 0 }),
  ],
};

const raised = (window) => `count_eq_over_time(alarm_active${OF_SITE}[${window}], 1)`;
const raisedFlux = where(read("alarm", "active"), "r._value == 1");
const TEN = "10m";
const perTen = `(sum(${raised(TEN)}) or vector(0))`;
const perTenFlux = `${raisedFlux}  |> group()\n  |> aggregateWindow(every: 10m, fn: count, createEmpty: true)\n`;
const activeNow = `last_over_time(alarm_active${OF_SITE}[${KEPT}]) == 1`;
const activeNowFlux = where(`${read("alarm", "active", { since: SINCE })}  |> last()\n`, "r._value == 1");
const oldest = `(${activeNow}) and (time() - tlast_over_time(alarm_active${OF_SITE}[${KEPT}]) > $stale_h * 3600)`;
const byRule = `sum by (channel, rule) (${raised("$__range")})`;

export const kpi = {
  uid: "siskin-alarm-kpi",
  title: "报警指标 Alarm figures",
  description:
    "ISA-18.2 / IEC 62682 的指标；判定限值由园区自定，在顶部变量中修改。" +
    "The figures of ISA-18.2 / IEC 62682; what they are held against is the site's choice, in the variables above.",
  from: "now-7d",
  variables: [
    site,
    number("flood", "洪泛：10 分钟多于 Flood: in 10 min more than", "10"),
    number("chatter", "抖动：1 分钟至少 Chattering: in 1 min at least", "3"),
    number("stale_h", "陈旧小时 Stale after, h", "24"),
  ],
  panels: [
    stat("报警数 Alarms", 4, [ask(`sum(${raised("$__range")}) or vector(0)`, count(raisedFlux))]),
    stat("平均每小时 Mean an hour", 4, [
      ask(`(sum(${raised("$__range")}) or vector(0)) * 3600 / $__range_s`,
        `${raisedFlux}  |> group()\n  |> aggregateWindow(every: 1h, fn: count, createEmpty: true)\n  |> mean()\n`),
    ]),
    stat("10 分钟最多 Most in 10 min", 4, [
      ask(`max_over_time(${perTen}[$__range:${TEN}])`, `${perTenFlux}  |> max()\n`),
    ]),
    stat("洪泛时间占比 Time in flood", 4, [
      ask(`share_gt_over_time(${perTen}[$__range:${TEN}], $flood)`,
        `${perTenFlux}  |> map(fn: (r) => ({r with _value: if r._value > \${flood} then 1.0 else 0.0}))\n  |> mean()\n`),
    ], { unit: "percentunit" }),
    stat("抖动的报警 Chattering alarms", 4, [
      ask(`count(max_over_time(${raised("1m")}[$__range:1m]) >= $chatter) or vector(0)`,
        `${windowed(raisedFlux, "count", "1m")}  |> max()\n` +
          "  |> filter(fn: (r) => r._value >= ${chatter})\n  |> group()\n  |> count()\n"),
    ]),
    stat("陈旧的报警 Stale alarms", 4, [
      ask(`count(${oldest}) or vector(0)`,
        count(where(activeNowFlux, "int(v: now()) - int(v: r._time) > ${stale_h} * 3600000000000"))),
    ]),
    lines("每 10 分钟报警数 Alarms in each 10 min", 24, [ask(perTen, perTenFlux, "报警 alarms")], {
      bars: true, interval: TEN, min: 0,
    }),
    table("最频繁的报警 Most frequent alarms", 12, [
      ask(`topk(10, ${byRule})`,
        `${raisedFlux}  |> group(columns: ["channel", "rule"])\n  |> count()\n  |> group()\n  |> top(n: 10)\n`),
    ]),
    stat("最频繁十项占比 Share of the ten most frequent", 6, [
      ask(`sum(topk(10, ${byRule})) / sum(${raised("$__range")})`,
        `all = ${raisedFlux}\ntop = all |> group(columns: ["channel", "rule"]) |> count() |> group() |> top(n: 10) |> sum()\n` +
          'sums = all |> group() |> count()\nunion(tables: [top |> set(key: "of", value: "top"), ' +
          'sums |> set(key: "of", value: "all")])\n' +
          '  |> group()\n  |> pivot(rowKey: [], columnKey: ["of"], valueColumn: "_value")\n' +
          "  |> map(fn: (r) => ({_value: float(v: r.top) / float(v: r.all)}))\n"),
    ], { unit: "percentunit" }),
    stat("预警确认次数 Warnings acknowledged", 6, [
      ask(`sum(count_eq_over_time(warning_change${OF_SITE}[$__range], 6)) or vector(0)`,
        count(where(read("warning", "change"), "r._value == 6"))),
    ]),
    stat("按级别 By tier", 12, TIERS.slice(1).map(([level, text]) =>
      ask(`sum(count_eq_over_time(alarm_tier_level${OF_SITE}[$__range], ${level})) or vector(0)`,
        count(where(read("alarm", "tier_level"), `r._value == ${level}`)), text)), { description: "无级别的报警不计。Alarms without a tier are not counted." }),
    table("陈旧的报警 Stale alarms", 12, [
      ask(oldest, where(activeNowFlux, "int(v: now()) - int(v: r._time) > ${stale_h} * 3600000000000")),
    ], { mapped: ACTIVE }),
  ],
};
