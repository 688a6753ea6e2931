//! `siskin-edge status`: the state that the running gateway writes beside its spool.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use siskin_collect::link::LinkStatus;
use siskin_wire::link::{SirenReport, SpoolReport};

use crate::cli::{StatusArgs, say};
use crate::written;

const FILE: &str = "status.json";

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) spool: SpoolReport,
    pub(crate) link: LinkStatus,
    /// None where the gateway has no siren.
    pub(crate) siren: Option<SirenReport>,
    pub(crate) alarms: Alarms,
}

/// Begins and ends of the gateway's own alarms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alarms {
    /// What the station has not noted.
    pub(crate) waiting: usize,
    /// What will never be told, because too many waited.
    pub(crate) dropped: u64,
}

/// Writes the state; the file is the old one or the new one, never half of one.
pub(crate) fn write(data: &Path, state: &State) -> anyhow::Result<()> {
    let fresh = data.join(format!("{FILE}.new"));
    fs::write(&fresh, serde_json::to_vec_pretty(state)?)?;
    fs::rename(&fresh, data.join(FILE))?;
    Ok(())
}

/// Prints the state.
pub(crate) fn show(args: &StatusArgs) -> anyhow::Result<ExitCode> {
    let path = written::data(args)?.join(FILE);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("cannot read `{}`; hint: has `siskin-edge run` used this folder?", path.display())
    })?;
    let about = || format!("`{}` is of another version; hint: start the gateway", path.display());
    let state: State = serde_json::from_str(&text).with_context(about)?;
    if args.json {
        say(&text);
    } else {
        say(&lines(&state));
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(state: &State) -> String {
    let State { spool, link, siren, alarms } = state;
    let up = if link.is_up { "已连接 · linked" } else { "未连接 · not linked" };
    let skew = link.skew_ms.map_or_else(|| "?".to_owned(), |ms| format!("{ms:+} ms"));
    let (from, next) = (spool.first_seq, spool.next_seq);
    let mut out = vec![
        format!("链路 link      {up}, {}", link.since),
        format!("时差 skew      {skew}"),
        format!("已发 sent      {} live, {} backlog", link.live_sent, link.backlog_sent),
        format!(
            "缓存 spool     {} / {} bytes, {} readings",
            spool.bytes, spool.bytes_max, spool.readings
        ),
        format!("批次 batches   {from}..{next}"),
        format!("丢弃 dropped   {} readings; 抽稀 thinned {}", spool.dropped, spool.thinned),
        format!("报警 alarms    待报 to tell {}; 丢弃 dropped {}", alarms.waiting, alarms.dropped),
    ];
    out.extend(siren.iter().flat_map(siren_lines));
    out.extend(link.last_error.iter().map(|error| format!("最近故障 last failure   {error}")));
    out.extend(spool.failing.iter().map(|why| format!("无法写入 cannot write   {why}")));
    out.join("\n")
}

fn siren_lines(siren: &SirenReport) -> Vec<String> {
    let sounds = match siren.sounds {
        Some(true) => "响 sounds",
        Some(false) => "静 silent",
        None => "? 未知 unknown",
    };
    let wanted = if siren.is_wanted { "应响 wanted" } else { "不应响 not wanted" };
    let mut out = vec![format!("报警器 siren   {sounds}, {wanted}, {}", siren.since)];
    let failing = siren.failing.iter();
    out.extend(failing.map(|why| format!("报警器故障 siren fails   {}\n{}", why.zh, why.en)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_shown() {
        let data = tempfile::tempdir().unwrap();
        let spool = SpoolReport { dropped: 41, bytes: 7, ..SpoolReport::default() };
        let link = LinkStatus { skew_ms: Some(-20), ..LinkStatus::default() };
        let failing = Some(siskin_model::Text::new("断线", "cut; hint: mend"));
        let siren = SirenReport { is_wanted: true, failing, ..SirenReport::default() };
        let alarms = Alarms { waiting: 2, dropped: 13 };
        let state = State { spool, link, siren: Some(siren), alarms };
        write(data.path(), &state).unwrap();
        let text = fs::read_to_string(data.path().join(FILE)).unwrap();
        let shown = lines(&serde_json::from_str(&text).unwrap());
        assert!(shown.contains("dropped   41 readings") && shown.contains("-20 ms"), "{shown}");
        assert!(shown.contains("not linked"), "{shown}");
        assert!(shown.contains("to tell 2") && shown.contains("dropped 13"), "{shown}");
        assert!(shown.contains("unknown, 应响 wanted") && shown.contains("断线"), "{shown}");
    }
}
