//! One number of one rule replaced by each of several values: how false starts trade for delay.
//!
//! The rule's text is changed, not the rule, so that every check of `siskin check` holds for it.

use anyhow::{Context, ensure};
use serde::Serialize;
use siskin_config::{Inputs, SourceFile};

use super::measure::Measures;

/// The most values of one sweep: each is a whole rule set in memory.
const VALUES_MAX: usize = 64;

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) rule: String,
    pub(crate) key: String,
    pub(crate) values: Vec<f64>,
}

/// The curve: set A with each value.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sweep {
    pub(crate) rule: String,
    pub(crate) key: String,
    pub(crate) points: Vec<Point>,
}

/// One value and the park alarm's figures with it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Point {
    pub(crate) value: f64,
    #[serde(flatten)]
    pub(crate) park: Measures,
}

/// Reads `RULE.KEY=V1,V2,...`; the key of an inline table is `TABLE.KEY`.
pub(crate) fn asked(text: &str) -> anyhow::Result<Asked> {
    let wrong = || {
        format!(
            "--sweep `{text}` cannot be read; \
             hint: write RULE.KEY=V1,V2,..., for example chlorine-yellow.raise_at=0.5,1,2"
        )
    };
    let (name, values) = text.split_once('=').with_context(wrong)?;
    let (rule, key) = name.trim().split_once('.').with_context(wrong)?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    let values: Option<Vec<f64>> = values.split(',').map(number).collect();
    let values = values.with_context(wrong)?;
    ensure!(
        values.len() <= VALUES_MAX,
        "--sweep has {} values; hint: at most {VALUES_MAX}",
        values.len()
    );
    Ok(Asked { rule: rule.trim().to_owned(), key: key.trim().to_owned(), values })
}

/// The inputs with `key` of the rule set to `value`.
pub(crate) fn replaced(inputs: &Inputs, asked: &Asked, value: f64) -> anyhow::Result<Inputs> {
    let mut inputs = inputs.clone();
    let files = inputs.site.iter_mut().filter(|file| file.path.starts_with("rules/"));
    let mut found = 0;
    for file in files.chain(&mut inputs.rule_sets) {
        if let Some(text) = replaced_in(&file.text, asked, value) {
            *file = SourceFile { path: file.path.clone(), text };
            found += 1;
        }
    }
    ensure!(
        found > 0,
        "no rule `{}` stands in the rule files of set A; hint: look at the ids in rules/*.toml",
        asked.rule
    );
    Ok(inputs)
}

/// The text with the key's line written anew; none where the rule is not in it.
fn replaced_in(text: &str, asked: &Asked, value: f64) -> Option<String> {
    let blocks = blocks(text);
    let is_rule = |block: &&str| {
        block.lines().any(|line| {
            let value = value_of(line, "id").map(|v| v.trim_matches(['"', '\'']));
            value == Some(asked.rule.as_str())
        })
    };
    let block = blocks.into_iter().find(is_rule)?;
    let mut lines: Vec<&str> = block.lines().collect();
    let line;
    if let Some((table, key)) = asked.key.split_once('.') {
        let old = lines.iter_mut().find(|line| value_of(line, table).is_some())?;
        line = inside(old, key, value)?;
        *old = &line;
    } else {
        line = format!("{} = {value:?}", asked.key);
        match lines.iter_mut().find(|line| value_of(line, &asked.key).is_some()) {
            Some(old) => *old = &line,
            None => lines.insert(1, &line),
        }
    }
    let new = format!("{}\n", lines.join("\n"));
    Some(text.replacen(block, &new, 1))
}

/// A line `table = { key = 1, … }` with another number for the key; none where it has no such key.
fn inside(line: &str, key: &str, value: f64) -> Option<String> {
    let is_key = |part: &str| value_of(part.trim_start_matches(['{', ' ']), key).is_some();
    let open = line.find('{')?;
    let (before, table) = line.split_at(open);
    let part = table.split(',').find(|part| is_key(part))?;
    let equals = part.find('=')? + 1;
    let end = part.find('}').unwrap_or(part.len());
    let new = format!("{} {value:?}{}", part.get(..equals)?, part.get(end..)?);
    Some(format!("{before}{}", table.replacen(part, &new, 1)))
}

/// The text cut before every `[[rule]]`.
fn blocks(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("[[rule]]") {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    let cut = |pair: &[usize]| match pair {
        [from, to] => text.get(*from..*to),
        _ => None,
    };
    starts.windows(2).filter_map(cut).filter(|block| block.starts_with("[[rule]]")).collect()
}

/// What stands behind `key =` on a line, without a comment.
fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.trim_start().strip_prefix(key)?.trim_start().strip_prefix('=')?;
    Some(rest.split('#').next().unwrap_or(rest).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_an_inline_table_is_replaced_where_it_stands() {
        let line = "own = { window_s = 9000, quantile = 0.95, times = 2.0 }";
        assert_eq!(
            inside(line, "times", 3.0).as_deref(),
            Some("own = { window_s = 9000, quantile = 0.95, times = 3.0}")
        );
        assert_eq!(
            inside(line, "window_s", 60.0).as_deref(),
            Some("own = { window_s = 60.0, quantile = 0.95, times = 2.0 }")
        );
        assert_eq!(inside(line, "time", 3.0), None);
    }

    #[test]
    fn a_nested_key_is_asked_for_with_two_dots() {
        let asked = asked("methane-contrast.own.times=1,2").unwrap();
        assert_eq!((asked.rule.as_str(), asked.key.as_str()), ("methane-contrast", "own.times"));
    }
}
