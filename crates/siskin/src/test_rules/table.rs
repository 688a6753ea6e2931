//! How tests came out, for the person at the terminal, in Chinese and English.

use std::fmt::Write;

use siskin_config::rule_tests::{Step, shown};

use super::Verdict;
use super::compare::Row;

/// Rows of one table that are shown; the rest is counted.
const ROWS_MAX: usize = 100;
/// Where nothing stands on one side.
const NOTHING: &str = "—";

/// One test: a line where it passed; with tables and hints where it failed.
pub(super) fn told(verdict: &Verdict<'_>) -> String {
    let test = verdict.test;
    let mark = if verdict.passed() { '✓' } else { '✗' };
    let mut out = format!("{mark} {} · {}", test.name.zh, test.name.en);
    if verdict.passed() {
        return out;
    }
    // No write into a text can fail.
    let _always = writeln!(out, "\n  {}:{}", test.file, test.line);
    table(&mut out, "报警 alarms", &verdict.alarms);
    table(&mut out, "订正后的记录 record after corrections", &verdict.record);
    table(&mut out, "预警 warnings", &verdict.warnings);
    table(&mut out, "订正 corrections", &verdict.corrections);
    counted(&mut out, verdict);
    hints(&mut out, verdict);
    out
}

/// The last line.
pub(super) fn summary(all: usize, failed: usize) -> String {
    let passed = all - failed;
    let noun = if all == 1 { "test" } else { "tests" };
    format!(
        "\n{all} 项测试：{passed} 项通过，{failed} 项失败 · \
         {all} {noun}: {passed} passed, {failed} failed"
    )
}

fn table<S: Step>(out: &mut String, title: &str, rows: &[Row<S>]) {
    if rows.iter().all(Row::is_same) {
        return;
    }
    let lines: Vec<[String; 4]> = rows.iter().take(ROWS_MAX).map(line).collect();
    let wide = lines.iter().map(|[_, expected, ..]| width(expected)).max().unwrap_or(0);
    let head = "期望 expected";
    let wide = wide.max(width(head));
    let _always = writeln!(out, "\n  {title}");
    let _always = writeln!(out, "    {}   实际 got", padded(head, wide));
    for [mark, expected, got, note] in &lines {
        let line = format!("  {mark} {}   {got}{note}", padded(expected, wide));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if let Some(more) = rows.len().checked_sub(ROWS_MAX).filter(|more| *more > 0) {
        let _always = writeln!(out, "    … {more} 行未显示 more rows");
    }
}

/// Mark, expected, got, note.
fn line<S: Step>(row: &Row<S>) -> [String; 4] {
    let text = |step: &S| step.to_string();
    let (mark, expected, got, note) = match row {
        Row::Same(step) => ("=", text(step), text(step), String::new()),
        Row::Moved { expected, got } => {
            let moved_ms = got.at_ms() - expected.at_ms();
            let by = shown(moved_ms.abs());
            let note = if moved_ms > 0 {
                format!("   ← 晚 {by} later")
            } else {
                format!("   ← 早 {by} earlier")
            };
            ("✗", text(expected), text(got), note)
        }
        Row::Missing(step) => {
            ("✗", text(step), NOTHING.to_owned(), "   ← 没有发生 did not happen".to_owned())
        }
        Row::Extra(step) => {
            ("✗", NOTHING.to_owned(), text(step), "   ← 未列出 not listed".to_owned())
        }
    };
    [mark.to_owned(), expected, got, note]
}

/// Columns that `text` takes: Chinese characters are two wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}

fn padded(text: &str, wide: usize) -> String {
    let spaces = " ".repeat(wide.saturating_sub(width(text)));
    format!("{text}{spaces}")
}

/// What was not judged may be why.
fn counted(out: &mut String, verdict: &Verdict<'_>) {
    let counters = &verdict.counters;
    let _always = writeln!(
        out,
        "\n  读数 readings: {} 条已评判 judged, {} 条未评判 not judged, {} 条迟到 late, \
         {} 条重复 repeated, {} 条时标超前 from the future",
        counters.judged,
        counters.not_judged,
        counters.late,
        counters.duplicates,
        counters.quarantined
    );
}

fn hints(out: &mut String, verdict: &Verdict<'_>) {
    let kinds = kinds(&verdict.alarms)
        .merge(kinds(&verdict.record))
        .merge(kinds(&verdict.warnings))
        .merge(kinds(&verdict.corrections));
    let mut hint = |zh: &str, en: &str| {
        let _always = write!(out, "  hint: {zh}\n        {en}\n");
    };
    if kinds.moved {
        hint(
            "时间有变：若规则改得对，就把新时间写进测试；否则检查设定值和延时",
            "a time moved: where the rule is right, write the new time; else look at set points \
             and delays",
        );
    }
    if kinds.missing {
        hint(
            "期望的事没有发生：检查设定值、延时、读数质量，或用 `siskin check` 看规则管哪些通道",
            "something did not happen: look at set points, delays and qualities of the readings",
        );
    }
    if kinds.extra {
        hint(
            "发生了未列出的事：若规则对，就补上这一行；只看部分规则时写 `only = [\"规则\"]`",
            "something happened that is not listed: add the line where it is right, or limit the \
             test with `only = [\"rule\"]`",
        );
    }
}

/// What kinds of differences there are.
#[derive(Debug, Clone, Copy, Default)]
struct Kinds {
    moved: bool,
    missing: bool,
    extra: bool,
}

impl Kinds {
    fn merge(self, other: Self) -> Self {
        Self {
            moved: self.moved || other.moved,
            missing: self.missing || other.missing,
            extra: self.extra || other.extra,
        }
    }
}

fn kinds<S: Step>(rows: &[Row<S>]) -> Kinds {
    Kinds {
        moved: rows.iter().any(|row| matches!(row, Row::Moved { .. })),
        missing: rows.iter().any(|row| matches!(row, Row::Missing(_))),
        extra: rows.iter().any(|row| matches!(row, Row::Extra(_))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns() {
        assert_eq!(width("期望 expected"), 13);
        assert_eq!(padded("期望", 6), "期望  ");
        assert_eq!(width(NOTHING), 1);
    }
}
