//! What the tools say, in Chinese and English.

use std::fmt::Write;
use std::path::Path;

use siskin_store::verify::{Checked, Damage, Place, Repaired};

use super::manifest::Manifest;

/// What was found in a folder; hours in local time.
pub(super) fn found(checked: &Checked, utc_offset_s: i32) -> String {
    let mut out = String::new();
    for file in &checked.files {
        let rows: u64 = file.rows.iter().map(|(_, count)| count).sum();
        let (name, readings, count) = (&file.name, file.readings, file.damage_count);
        let _infallible = writeln!(
            out,
            "{name}: {rows} 行/rows, {readings} 条读数/readings, {count} 处损坏/damaged"
        );
        for one in &file.damage {
            let _infallible = writeln!(out, "  {}", damage(one, utc_offset_s));
        }
        let more = file.damage_count.saturating_sub(file.damage.len() as u64);
        if more > 0 {
            let _infallible =
                writeln!(out, "  … 另有 {more} 处未列出 / {more} more are not listed");
        }
    }
    if let Some(audit) = &checked.audit {
        let _infallible = writeln!(out, "{}", crate::audit::words::checked(audit));
    }
    let is_damaged = checked.files.iter().any(|file| file.damage_count > 0);
    out.push_str(if checked.is_clean() {
        "数据完好 / all is sound"
    } else if !is_damaged {
        "数据文件完好，审计有异常 / the files are sound, the audit is not"
    } else {
        "数据有损坏 / the store is damaged; \
         hint: 停站后运行 / stop the station, then `siskin verify --repair`; \
         并检查磁盘 / and check the disk"
    });
    out
}

fn damage(damage: &Damage, utc_offset_s: i32) -> String {
    let place = match &damage.place {
        Place::Database => "数据库页 / pages of the database".to_owned(),
        Place::Journal(commits) => {
            format!("预写日志，可能丢失 {commits} 次提交 / journal, {commits} commits may be lost")
        }
        Place::Batch(seq) => format!("读数批次 {seq} / batch {seq} of readings"),
        Place::Hour { channel, begin, part } => {
            let begin = begin.rfc3339(utc_offset_s);
            format!("通道 `{channel}` 自 {begin} 起一小时 / channel, hour from then, part {part}")
        }
        Place::Day { channel, begin } => {
            let begin = begin.rfc3339(utc_offset_s);
            format!("通道 `{channel}` 自 {begin} 起一日 / channel, packed day from then")
        }
        Place::Row { table, number } => format!("表 / table `{table}`, 行 / row {number}"),
        Place::Mark => "研判进度超出读数 / the ledger's mark is beyond the series".to_owned(),
    };
    let readings = damage.readings;
    let count = readings.map(|n| format!(", {n} 条读数受影响/readings affected"));
    format!("{place}{}: {}", count.unwrap_or_default(), damage.why)
}

/// What a repair did.
pub(super) fn repaired(files: &[Repaired]) -> String {
    let line = |one: &Repaired| {
        format!(
            "{}: 已重建 / rebuilt with {} rows; {} 行未能保留 / rows were left; 原文件保存于 / \
             the old file is `{}`",
            one.name,
            one.rows,
            one.rows_left,
            one.kept.display()
        )
    };
    files.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is in a backup that was made.
pub(super) fn backed_up(to: &Path, manifest: &Manifest) -> String {
    format!("备份完成 / backed up to `{}`\n{}", to.display(), listed(manifest))
}

/// What a backup does not have.
pub(super) fn left_out(unknown: &[String]) -> String {
    let mut text = "未备份（有意）/ left out on purpose: audit-key.pk8 – \
                    恢复后的站点使用新密钥签名 / a restored station signs with a key of its own"
        .to_owned();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        let _infallible =
            write!(text, "\n未备份（不属于本站）/ not the station's, left out: {names}");
    }
    text
}

/// What was restored.
pub(super) fn restored(data: &Path, manifest: &Manifest) -> String {
    format!(
        "已恢复 / restored to `{}`, as of {}\n{}",
        data.display(),
        manifest.made_at,
        listed(manifest)
    )
}

fn listed(manifest: &Manifest) -> String {
    let line = |file: &super::manifest::SavedFile| {
        let sum = file.sha256.get(..16).unwrap_or_default();
        format!("  {}: {} bytes, SHA-256 {sum}…, {} readings", file.name, file.bytes, file.readings)
    };
    let is_store = |file: &&super::manifest::SavedFile| {
        std::path::Path::new(&file.name).extension().is_some_and(|ending| ending == "db")
    };
    let mut lines: Vec<String> = manifest.files.iter().filter(is_store).map(line).collect();
    let others = manifest.files.iter().filter(|file| !is_store(file)).count();
    if others > 0 {
        lines.push(format!("  其他文件 / other files: {others}"));
    }
    lines.join("\n")
}
