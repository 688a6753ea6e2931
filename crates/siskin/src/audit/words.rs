//! What is said of the audit, in Chinese and English.

use std::fmt::Write;

use siskin_store::ledger::{AuditChecked, AuditFault, AuditNote};

/// What was found.
pub(crate) fn checked(checked: &AuditChecked) -> String {
    let mut out = String::new();
    let AuditChecked { entries, checkpoints, events, entries_unsigned, events_unsigned, .. } =
        checked;
    let _infallible = writeln!(
        out,
        "审计 / audit: {entries} 条记录/entries, {checkpoints} 个签名检查点/checkpoints, \
         {events} 条事件已核对/events compared"
    );
    if entries_unsigned + events_unsigned > 0 {
        let _infallible = writeln!(
            out,
            "  尚未签名 / not signed yet: {entries_unsigned} 条记录/entries, \
             {events_unsigned} 条事件/events"
        );
    }
    for note in &checked.notes {
        let (zh, en) = self::note(note);
        let _infallible = writeln!(out, "  注意 / note: {zh} / {en}");
    }
    for (place, fault) in checked.faults.iter().enumerate() {
        let (zh, en) = self::fault(fault);
        let word = if place == 0 { "首处异常 / first" } else { "另有 / also" };
        let _infallible = writeln!(out, "  {word}: {zh} / {en}");
    }
    let more = checked.fault_count.saturating_sub(checked.faults.len() as u64);
    if more > 0 {
        let _infallible = writeln!(out, "  … 另有 {more} 处未列出 / {more} more are not listed");
    }
    out.push_str(if checked.is_clean() {
        "审计完好 / the audit is as it was written"
    } else {
        "审计与写入时不一致 / the audit is not as it was written; \
         hint: 保全数据目录，勿修复，请上报 / keep the folder as it is, repair nothing, report it"
    });
    out
}

/// One thing that is wrong, in both languages.
pub(crate) fn fault(fault: &AuditFault) -> (String, String) {
    let zh = match fault {
        AuditFault::Edited { entry } => format!("第 {entry} 条记录被改动"),
        AuditFault::HashEdited { entry } => format!("第 {entry} 条记录的哈希被改动"),
        AuditFault::Removed { from, to } if from == to => format!("第 {from} 条记录被删除"),
        AuditFault::Removed { from, to } => format!("第 {from} 至 {to} 条记录被删除"),
        AuditFault::Inserted { entry } => format!("第 {entry} 条记录是插入的"),
        AuditFault::Moved { entry } => format!("第 {entry} 条记录不在原位"),
        AuditFault::Rewritten { from, to, checkpoint } => {
            format!("第 {from} 至 {to} 条中有记录连同哈希被重写，与检查点 {checkpoint} 的签名不符")
        }
        AuditFault::CheckpointEdited { checkpoint } => format!("检查点 {checkpoint} 被改动"),
        AuditFault::CheckpointRemoved { checkpoint } => format!("检查点 {checkpoint} 被删除"),
        AuditFault::CheckpointMoved { checkpoint } => {
            format!("检查点 {checkpoint} 与前一个检查点不衔接")
        }
        AuditFault::CheckpointDiffers { checkpoint } => {
            format!("检查点 {checkpoint} 与副本不同，两者均有签名")
        }
        AuditFault::CheckpointForeign { checkpoint, key } => {
            format!("检查点 {checkpoint} 由其他密钥 {} 签名", key.hex())
        }
        AuditFault::EventEdited { event } => format!("第 {event} 条事件被改动"),
        AuditFault::EventRemoved { event } => format!("第 {event} 条事件被删除"),
        AuditFault::EventInserted { event } => format!("第 {event} 条事件是插入的"),
        AuditFault::EventsEdited { from, to } => {
            format!("第 {from} 至 {to} 条事件与签名时不符")
        }
        AuditFault::Line { file, line, .. } => {
            format!("“{}”第 {line} 行不是原样", file.display())
        }
        AuditFault::LineRemoved { file, checkpoint } => {
            format!("“{}”缺少检查点 {checkpoint}", file.display())
        }
        AuditFault::Cut { file } => format!("“{}”没有结尾，缺行", file.display()),
    };
    (zh, fault.to_string())
}

/// Something to know, in both languages.
pub(crate) fn note(note: &AuditNote) -> (String, String) {
    let (zh, en) = match note {
        AuditNote::NoCheckpoint => ("尚无签名检查点", "nothing is signed yet"),
        AuditNote::OtherKey { checkpoint, key } => {
            let key = key.hex();
            return (
                format!("自检查点 {checkpoint} 起改用密钥 {key}"),
                format!("from checkpoint {checkpoint} on another key signed, {key}"),
            );
        }
        AuditNote::NoFile => (
            "目录中没有检查点文件（备份即如此）",
            "there is no file of checkpoints in the folder, as in a backup",
        ),
        AuditNote::TornLine { file } => {
            let file = file.display();
            return (
                format!("“{file}”最后一行未写完"),
                format!("the last line of `{file}` was not written to its end"),
            );
        }
        AuditNote::NoEvents => (
            "导出文件不含事件；事件请在数据目录中核对",
            "an export has no events; they are compared in the data folder only",
        ),
    };
    (zh.to_owned(), en.to_owned())
}
