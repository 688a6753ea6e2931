//! `siskin roster check FILE`: what a roster says, what is wrong with it, where nobody is there.
//!
//! Looks at a file only: no station, no contact book, nothing is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use siskin_model::duty::{Contact, Desk, Roster, Shift, gaps, twice_at_once};
use siskin_model::{ContactId, Timestamp};
use siskin_wire::roster::{self, ROSTER_BYTES_MAX, RosterProblem, WrittenShift};

use crate::cli::{EXIT_BAD_SITE, say};

/// Findings told at most; the last line counts all.
const TOLD_MAX: usize = 50;

/// What to do with a roster.
#[derive(Debug, Subcommand)]
pub(crate) enum RosterCommand {
    /// Print what is wrong with a roster, and where nobody is on it. (检查排班)
    Check(RosterCheckArgs),
}

/// Arguments of `siskin roster check`.
#[derive(Debug, Args)]
pub(crate) struct RosterCheckArgs {
    /// The roster: CSV or iCalendar.
    file: PathBuf,
    /// The park's local time, in hours east of UTC, for moments without an offset.
    #[arg(long, value_name = "HOURS", default_value_t = 8, allow_hyphen_values = true,
        value_parser = clap::value_parser!(i32).range(-12..=14))]
    utc_offset_h: i32,
}

/// Runs it.
pub(crate) fn roster(command: &RosterCommand) -> anyhow::Result<ExitCode> {
    let RosterCommand::Check(args) = command;
    let about = || format!("cannot read `{}`", args.file.display());
    let size = std::fs::metadata(&args.file).with_context(about)?.len();
    anyhow::ensure!(
        usize::try_from(size).is_ok_and(|size| size <= ROSTER_BYTES_MAX),
        "`{}` has {size} bytes, more than {ROSTER_BYTES_MAX}; hint: is it a roster?",
        args.file.display()
    );
    let bytes = std::fs::read(&args.file).with_context(about)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        anyhow::anyhow!(
            "`{}` is not UTF-8 text; hint: save it as `CSV UTF-8` · 请另存为“CSV UTF-8”",
            args.file.display()
        )
    })?;
    let found = report(&text, args.utc_offset_h * 3_600);
    found.lines.iter().for_each(|line| say(line));
    Ok(if found.is_sound { ExitCode::SUCCESS } else { ExitCode::from(EXIT_BAD_SITE) })
}

/// What is told, and whether nothing has to be mended.
struct Findings {
    lines: Vec<String>,
    is_sound: bool,
}

fn report(text: &str, offset_s: i32) -> Findings {
    let read = roster::read(text, offset_s).and_then(|written| {
        let contacts = stand_ins(&written);
        let shifts = roster::resolve(&written, &contacts)?;
        Ok(Roster { contacts, shifts, substitutions: Vec::new() })
    });
    match read {
        Ok(roster) => sound(&roster, offset_s),
        Err(problems) => {
            let one = |problem: &RosterProblem| format!("{problem}\n  {}", problem.zh());
            let mut lines: Vec<String> = problems.iter().map(one).collect();
            lines.push(format!("{} problems · {} 个问题", problems.len(), problems.len()));
            Findings { lines, is_sound: false }
        }
    }
}

/// The file's own people stand for the contact book, which is at the station.
fn stand_ins(written: &[WrittenShift]) -> Vec<Contact> {
    let named = written.iter().flat_map(|one| [&one.person].into_iter().chain(&one.substitutes));
    let named: BTreeSet<&String> = named.collect();
    let one = |(n, name): (usize, &String)| Contact {
        id: ContactId::new(name).unwrap_or_else(|_| {
            // Two hyphens stand in no id that people give.
            ContactId::new(&format!("p--{n}")).expect("letters, hyphens and digits")
        }),
        name: name.clone(),
        organisation: String::new(),
        phones: Vec::new(),
        email: None,
        note: String::new(),
        account: None,
    };
    named.into_iter().enumerate().map(one).collect()
}

fn sound(roster: &Roster, offset_s: i32) -> Findings {
    let moment = |at: Timestamp| at.rfc3339(offset_s).chars().take(16).collect::<String>();
    let names: BTreeMap<_, _> = roster.contacts.iter().map(|one| (&one.id, &one.name)).collect();
    let shifts: BTreeMap<_, &Shift> = roster.shifts.iter().map(|one| (one.id(), one)).collect();
    let mut findings = Vec::new();
    for desk in roster.desks() {
        let of_desk = || roster.shifts.iter().filter(|shift| shift.desk == desk);
        let (Some(from), Some(to)) =
            (of_desk().map(|one| one.from).min(), of_desk().map(|one| one.to).max())
        else {
            continue;
        };
        for gap in gaps(roster, std::slice::from_ref::<Desk>(&desk), from, to) {
            let (from, to) = (moment(gap.from), moment(gap.to));
            findings.push(format!("{desk}: nobody from {from} to {to} · {from} 至 {to} 无人值班"));
        }
    }
    for twice in twice_at_once(&roster.shifts) {
        let (Some(first), Some(second)) = (shifts.get(&twice.first), shifts.get(&twice.second))
        else {
            continue;
        };
        let (name, at) = (names.get(&first.person).map_or("", |name| name), moment(twice.from));
        let (a, b) = (&first.desk, &second.desk);
        findings.push(format!("{name}: on {a} and {b} at once from {at} · {at} 起同时值两个班"));
    }
    let count = findings.len();
    findings.truncate(TOLD_MAX);
    let (shifts, people) = (roster.shifts.len(), roster.contacts.len());
    let first = roster.shifts.iter().map(|one| one.from).min().map(moment).unwrap_or_default();
    let last = roster.shifts.iter().map(|one| one.to).max().map(moment).unwrap_or_default();
    findings.push(format!(
        "{shifts} shifts of {people} people from {first} to {last}, {count} findings \
         · {shifts} 个班次，{people} 人，{count} 处需要核对"
    ));
    Findings { lines: findings, is_sound: count == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &str, expected: &[&str], is_sound: bool) {
        let found = report(&format!("from,to,role,person\n{rows}"), 8 * 3_600);
        let text = found.lines.join("\n");
        assert!(expected.iter().all(|part| text.contains(part)), "{text}");
        assert_eq!(found.is_sound, is_sound, "{text}");
    }

    #[test]
    fn a_newcomer_sees_what_is_wrong_and_where() {
        let first = "2026-12-01 08:00,2026-12-01 20:00,operator,李雷\n";
        let second = "2026-12-01 20:00,2026-12-02 08:00,operator,韩梅梅\n";
        check(&format!("{first}{second}"), &["2 shifts of 2 people", "0 findings"], true);
        let late = second.replace("01 20:00", "01 21:00");
        let says = ["nobody from 2026-12-01T20:00 to 2026-12-01T21:00", "无人值班"];
        check(&format!("{first}{late}"), &says, false);
        let both = "2026-12-01 09:00,2026-12-01 10:00,leader,李雷\n";
        check(&format!("{first}{both}"), &["李雷: on operator and leader at once"], false);
        check("2026-12-01 20:00,2026-12-01 08:00,operator,李雷\n", &["line 2:", "第 2 行"], false);
    }
}
