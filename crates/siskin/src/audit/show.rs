//! `siskin audit show`: entries as a table.

use std::process::ExitCode;

use siskin_store::ledger::{AuditEntry, AuditFilter, AuditReader};

use super::args::ShowArgs;
use crate::cli::say;

pub(super) fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let filter = AuditFilter {
        act: args.act.clone(),
        by: args.person.clone(),
        about: args.about.clone(),
        from: args.from,
        to: args.to,
        before: None,
    };
    let limit = usize::from(args.limit);
    let entries = AuditReader::open(&args.data)?.entries(&filter, limit)?;
    say("编号/number\t时间/at\t何人/by\t动作/act\t对象/about\t内容/body");
    for entry in &entries {
        say(&line(entry, args.utc_offset));
    }
    let count = entries.len();
    let more = if count == limit { " (已达上限 / the limit; `--limit`)" } else { "" };
    say(&format!("{count} 条记录/entries{more}"));
    Ok(ExitCode::SUCCESS)
}

/// What somebody typed must not move the cursor of who reads it.
fn line(entry: &AuditEntry, utc_offset_s: i32) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    };
    let AuditEntry { number, at, by, act, about, body, .. } = entry;
    let [by, act, about, body] = [by, act, about, body].map(|text| plain(text));
    let at = at.rfc3339(utc_offset_s);
    format!("{number}\t{at}\t{by}\t{act}\t{about}\t{body}")
}

#[cfg(test)]
mod tests {
    use siskin_model::Timestamp;

    use super::*;

    #[test]
    fn a_line_has_its_fields_and_no_control_characters() {
        let entry = AuditEntry {
            number: 7,
            at: Timestamp::from_millis(0),
            by: "李雷\u{1b}[2J".to_owned(),
            act: "a.b".to_owned(),
            about: "x\ty\n".to_owned(),
            body: "{}".to_owned(),
            hash: [0; 32],
        };
        let expected =
            "7\t1970-01-01T08:00:00.000+08:00\t李雷\u{fffd}[2J\ta.b\tx\u{fffd}y\u{fffd}\t{}";
        assert_eq!(line(&entry, 28_800), expected);
    }
}
