//! The dashboards on a real VictoriaMetrics: every query and variable is accepted, gives rows for
//! data in the mirror's form, and the figures are those of the data.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod data;
mod victoria;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::data::{END_S, RANGE_S};
use crate::victoria::Victoria;

/// Step of lines.
const STEP: &str = "15s";

/// What Grafana fills in; longer names first.
fn filled(text: &str, board: &Value) -> Result<String> {
    let range_s = RANGE_S.to_string();
    let mut text = text
        .replace("$__interval", STEP)
        .replace("$__range_s", &range_s)
        .replace("$__range", &format!("{range_s}s"));
    for variable in board["templating"]["list"].as_array().context("no variables")? {
        let name = variable["name"].as_str().context("no name")?;
        let value = match (variable["type"].as_str(), name) {
            (Some("textbox"), _) => variable["query"].as_str().context("no value")?,
            (_, "channel") => data::CHANNEL,
            _ => variable["allValue"].as_str().context("no value for all")?,
        };
        text = text.replace(&format!("${name}"), value);
    }
    ensure!(!text.contains('$'), "a variable is left in {text}");
    Ok(text)
}

fn boards() -> Result<Vec<(PathBuf, Value)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("dashboards/grafana/dashboards/victoriametrics");
    let mut boards = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let board = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        boards.push((path, board));
    }
    ensure!(boards.len() == 4, "{} dashboards", boards.len());
    Ok(boards)
}

/// Asks what a panel asks; its rows.
fn rows(victoria: &Victoria, board: &Value, target: &Value) -> Result<Vec<Value>> {
    let expr = filled(target["expr"].as_str().context("no query")?, board)?;
    if target["instant"] == true {
        victoria.query("query", &[("query", &expr), ("time", &END_S.to_string())])
    } else {
        let (start, end) = ((END_S - RANGE_S).to_string(), END_S.to_string());
        let span = [("start", start.as_str()), ("end", &end), ("step", STEP)];
        victoria.query("query_range", &[&[("query", expr.as_str())], &span[..]].concat())
    }
}

/// Of a panel's first row, the newest number.
fn number(rows: &[Value]) -> Option<f64> {
    let row = rows.first()?;
    let pair = row["value"].as_array().or_else(|| row["values"].as_array()?.last()?.as_array())?;
    pair.get(1)?.as_str()?.parse().ok()
}

#[test]
fn every_query_gives_the_rows_of_the_data() -> Result<()> {
    let victoria = Victoria::start()?;
    victoria.write(&data::lines())?;
    let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (path, board) in boards()? {
        for panel in board["panels"].as_array().context("no panels")? {
            let title = panel["title"].as_str().context("no title")?;
            for target in panel["targets"].as_array().context("no queries")? {
                let place = format!("{}: {title}: {}", path.display(), target["expr"]);
                let rows = rows(&victoria, &board, target).with_context(|| place.clone())?;
                let of_no_row = data::EMPTY.iter().any(|part| place.contains(part));
                ensure!(rows.is_empty() == of_no_row, "{} rows: {place}", rows.len());
                figures.entry(title.to_owned()).or_default().extend(number(&rows));
            }
        }
    }
    for (title, expected) in data::FIGURES {
        let found = figures.get(*title).with_context(|| format!("no panel `{title}`"))?;
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        let all_near = found.len() == expected.len() && found.iter().zip(*expected).all(is_near);
        ensure!(all_near, "`{title}` shows {found:?}, the data say {expected:?}");
    }
    Ok(())
}

#[test]
fn variables_offer_what_is_stored() -> Result<()> {
    let victoria = Victoria::start()?;
    victoria.write(&data::lines())?;
    let mut asked = 0;
    for (path, board) in boards()? {
        for variable in board["templating"]["list"].as_array().context("no variables")? {
            let Some(query) = variable["query"]["query"].as_str() else { continue };
            let query = filled(query, &board)?;
            let inner = query.strip_prefix("label_values(").and_then(|q| q.strip_suffix(')'));
            let (metric, label) = inner.and_then(|q| q.rsplit_once(", ")).context("no label")?;
            let values = victoria.label_values(label, metric)?;
            ensure!(values == data::values_of(label), "{}: {values:?}", path.display());
            asked += 1;
        }
    }
    ensure!(asked == 5, "{asked} variables");
    Ok(())
}
