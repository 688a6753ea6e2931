// The questions in Flux, for InfluxDB 2. `v.*` is what Grafana fills in.

const matches = (tags) =>
  tags.map((tag) => `  |> filter(fn: (r) => r.${tag} =~ /^\${${tag}:regex}$/)\n`).join("");

/** Values of one field in the time that is looked at, or since long before. */
export function read(measurement, field, { tags = ["site"], since = "v.timeRangeStart" } = {}) {
  return (
    `from(bucket: v.defaultBucket)\n  |> range(start: ${since}, stop: v.timeRangeStop)\n` +
    `  |> filter(fn: (r) => r._measurement == "${measurement}" and r._field == "${field}")\n` +
    matches(tags)
  );
}

/** Numbers whose quality passes a test; a reading without a number is left out. */
export function numbers(test, { since = "v.timeRangeStart" } = {}) {
  return (
    `from(bucket: v.defaultBucket)\n  |> range(start: ${since}, stop: v.timeRangeStop)\n` +
    '  |> filter(fn: (r) => r._measurement == "reading" and (r._field == "value" or r._field == "quality"))\n' +
    `${matches(["site"])}  |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")\n` +
    `  |> filter(fn: (r) => exists r.value and r.quality ${test})\n  |> rename(columns: {value: "_value"})\n`
  );
}

/** One number a window. */
export const windowed = (rows, fn, every = "v.windowPeriod") =>
  `${rows}  |> aggregateWindow(every: ${every}, fn: ${fn}, createEmpty: false)\n`;

/** All series as one. */
export const joined = (rows, columns, fn) =>
  `${rows}  |> group(columns: ${JSON.stringify(columns)})\n  |> ${fn}()\n`;

export const where = (rows, test) => `${rows}  |> filter(fn: (r) => ${test})\n`;

/** The values of a tag. */
export const valuesOf = (tag) =>
  `import "influxdata/influxdb/schema"\n` +
  `schema.tagValues(bucket: v.defaultBucket, tag: "${tag}", start: -30d)`;
