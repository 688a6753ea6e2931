//! What is wrong with the mapping of JSON payloads. Finds everything at once; never repairs.

use super::{Problems, add, check_quality};
use crate::profile::{JsonMapping, JsonStatus, JsonTime, TimeUnit};

/// Half a day and a little more: the islands at the date line have 14 hours.
const OFFSET_MAX_MIN: i16 = 14 * 60;

/// Pointers and the path of the key they stand in.
type Pointers<'a> = Vec<(String, &'a str)>;

pub(super) fn check_json(json: &JsonMapping, out: &mut Problems) {
    let mut pointers = Vec::new();
    check_values(json, &mut pointers, out);
    if let Some(time) = &json.time {
        check_time(time, &mut pointers, out);
    }
    if let Some(status) = &json.status {
        check_status("json.status", status, &mut pointers, out);
    }
    if let Some(alive) = &json.alive
        && (alive.gone.is_empty() || alive.last_level.contains(['/', '+', '#']))
    {
        let hint = "write one level without `/`, `+` and `#`, and the payloads of `gone`";
        add(out, "json.alive", "no such topic or no payload", hint);
    }
    check_shape(json, &mut pointers, out);
    for (path, pointer) in pointers {
        if !pointer.starts_with('/') {
            let message = format!("`{pointer}` is no JSON pointer");
            add(out, path, message, "start with `/`, for example `/value`");
        }
    }
}

fn check_values<'a>(json: &'a JsonMapping, pointers: &mut Pointers<'a>, out: &mut Problems) {
    for (name, value) in &json.values {
        let path = format!("json.values.{name}");
        pointers.push((format!("{path}.pointer"), &value.pointer));
        if value.unit.is_some() == value.unit_pointer.is_some() {
            let message = "exactly one of `unit` and `unit_pointer` is needed";
            let hint = "state `unit` where payloads do not carry it";
            add(out, format!("{path}.unit"), message, hint);
        }
        for (key, pointer) in [("unit_pointer", &value.unit_pointer), ("fallback", &value.fallback)]
        {
            pointers.extend(pointer.iter().map(|p| (format!("{path}.{key}"), p.as_str())));
        }
        if let Some(status) = &value.status {
            check_status(&format!("{path}.status"), status, pointers, out);
        }
    }
}

fn check_time<'a>(time: &'a JsonTime, pointers: &mut Pointers<'a>, out: &mut Problems) {
    pointers.push(("json.time.pointer".into(), &time.pointer));
    if time.trusted && time.skew_max_ms == 0 {
        let hint = "say how far a disciplined clock may be off";
        add(out, "json.time.skew_max_ms", "no time would fit", hint);
    }
    let path = "json.time.utc_offset_min";
    match time.utc_offset_min {
        None if time.unit == TimeUnit::Compact => {
            let hint = "say the minutes east of UTC, 480 in China";
            add(out, path, "a local time without its offset", hint);
        }
        Some(offset) if !(-OFFSET_MAX_MIN..=OFFSET_MAX_MIN).contains(&offset) => {
            let message = format!("utc_offset_min is {offset}");
            add(out, path, message, "use -840 to 840");
        }
        _ => {}
    }
}

fn check_status<'a>(
    path: &str,
    status: &'a JsonStatus,
    pointers: &mut Pointers<'a>,
    out: &mut Problems,
) {
    pointers.push((format!("{path}.pointer"), &status.pointer));
    if status.words.is_empty() {
        let hint = "list the words and their qualities";
        add(out, format!("{path}.words"), "no words", hint);
    }
    for (word, quality) in &status.words {
        check_quality(*quality, format!("{path}.words.{word}"), out);
    }
    check_quality(status.absent, format!("{path}.absent"), out);
    check_quality(status.other, format!("{path}.other"), out);
}

/// Records that wait in a buffer have no other moment than their own.
fn check_shape<'a>(json: &'a JsonMapping, pointers: &mut Pointers<'a>, out: &mut Problems) {
    if let Some(records) = &json.records {
        if !records.is_empty() {
            pointers.push(("json.records".into(), records));
        }
        if !json.time.as_ref().is_some_and(|time| time.trusted) {
            let hint = "say `[json.time]` with `trusted = true`, or read one record a message";
            add(out, "json.records", "records without a time that can be believed", hint);
        }
    }
    for (i, list) in json.lists.iter().enumerate() {
        pointers.push((format!("json.lists[{i}].pointer"), &list.pointer));
        if list.name.is_empty() {
            let hint = "name the key that holds each entry's name";
            add(out, format!("json.lists[{i}].name"), "no key", hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::DeviceProfile;

    const GOOD: &str = r#"
        id = "acme-json"
        version = 1
        status = "documented"
        vendor = "Acme"
        model = "Two"
        transport = "mqtt-json"
        source = { doc = "Acme Two manual", pages = "1" }
        [json]
        records = "/data"
        lists = [{ pointer = "/tags", name = "name" }]
        alive = { last_level = "LWT", gone = ["Offline"] }
        [json.values.gas]
        pointer = "/tags/gas/value"
        fallback = "/gas"
        unit = "ppm"
        status = { pointer = "/tags/gas/error", words = { 0 = "good" }, other = "fault" }
        [json.time]
        pointer = "/ts"
        unit = "compact"
        utc_offset_min = 480
        trusted = true
        skew_max_ms = 5000
    "#;

    fn check(from: &str, to: &str, path: &str) {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD);
        let problems = toml::from_str::<DeviceProfile>(&text).unwrap().check();
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, [path], "{problems:?}");
    }

    #[test]
    fn what_the_types_cannot_keep_out() {
        assert_eq!(toml::from_str::<DeviceProfile>(GOOD).unwrap().check(), []);
        check("\"/data\"", "\"data\"", "json.records");
        check("trusted = true", "trusted = false", "json.records");
        check("\"/tags\"", "\"tags\"", "json.lists[0].pointer");
        check("\"name\"", "\"\"", "json.lists[0].name");
        check("\"LWT\"", "\"a/b\"", "json.alive");
        check("[\"Offline\"]", "[]", "json.alive");
        check("\"/gas\"", "\"gas\"", "json.values.gas.fallback");
        check("\"/tags/gas/error\"", "\"error\"", "json.values.gas.status.pointer");
        check("other = \"fault\"", "other = \"comm-lost\"", "json.values.gas.status.other");
        check("{ 0 = \"good\" }", "{}", "json.values.gas.status.words");
        check("utc_offset_min = 480", "", "json.time.utc_offset_min");
        check("utc_offset_min = 480", "utc_offset_min = 900", "json.time.utc_offset_min");
    }
}
