//! Line protocol as its reference describes it, read letter by letter.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// One point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) measurement: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// As written, `1.5` or `3i`.
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) stamp: i64,
}

/// Cuts `text` at each `sign` that no backslash stands before.
fn cut(text: &str, sign: char) -> Vec<String> {
    let (mut parts, mut part, mut is_escaped) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        if letter == sign && !is_escaped {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        is_escaped = letter == '\\' && !is_escaped;
        part.push(letter);
    }
    parts.push(part);
    parts
}

fn plain(text: &str) -> String {
    text.replace("\\,", ",").replace("\\=", "=").replace("\\ ", " ")
}

fn pairs<'a>(parts: impl Iterator<Item = &'a String>) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for part in parts {
        let sides = cut(part, '=');
        let [key, value] = sides.as_slice() else { bail!("`{part}` is no pair") };
        ensure!(!key.is_empty() && !value.is_empty(), "`{part}` is half empty");
        ensure!(found.insert(plain(key), plain(value)).is_none(), "`{key}` twice");
    }
    Ok(found)
}

/// Reads one line.
pub(crate) fn parse(line: &str) -> Result<Point> {
    let words = cut(line, ' ');
    let [head, fields, stamp] = words.as_slice() else { bail!("`{line}` has not three parts") };
    let head = cut(head, ',');
    let fields = pairs(cut(fields, ',').iter()).with_context(|| line.to_owned())?;
    ensure!(!fields.is_empty(), "no field in `{line}`");
    for value in fields.values() {
        let number = value.strip_suffix('i');
        let is_number = match number {
            Some(whole) => whole.parse::<i64>().is_ok(),
            None => value.parse::<f64>().is_ok_and(f64::is_finite),
        };
        ensure!(is_number, "`{value}` is no number in `{line}`");
    }
    Ok(Point {
        measurement: head.first().map(|name| plain(name)).context("no measurement")?,
        tags: pairs(head.iter().skip(1)).with_context(|| line.to_owned())?,
        fields,
        stamp: stamp.parse().with_context(|| line.to_owned())?,
    })
}

#[test]
fn lines_are_read() -> Result<()> {
    let point = parse("reading,area=罐区\\ 1,x=a\\,b\\=c value=1e-7,quality=2i 17")?;
    ensure!(point.measurement == "reading" && point.stamp == 17);
    ensure!(point.tags["area"] == "罐区 1" && point.tags["x"] == "a,b=c", "{point:?}");
    ensure!(point.fields["value"] == "1e-7" && point.fields["quality"] == "2i");
    for bad in ["reading", "reading value=x 1", "reading,area= value=1 1", "reading value=NaN 1"] {
        ensure!(parse(bad).is_err(), "{bad}");
    }
    Ok(())
}
