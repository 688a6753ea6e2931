//! Figures as a document, in Chinese as all reports are.

use anyhow::Context;
use siskin_model::{Site, Tier, Warning};
use siskin_report::{
    Completeness, Count, Font, Line, Periodic, Share, docx, lay_out_periodic, pdf,
};

use super::views::{ANALYZERS_LISTED_MAX, WARNINGS_LISTED_MAX, count_name, rate_words};
use super::{AnalyzerShare, Figures, Rate, is_false_alarm, kind_zh};
use crate::report::Format;

/// The document of a period.
pub(crate) fn document(
    site: &Site,
    figures: &Figures,
    format: Format,
    font: &Font,
) -> anyhow::Result<Vec<u8>> {
    let document = lay_out_periodic(&periodic(site, figures));
    let made = match format {
        Format::Docx => docx(&document, font),
        Format::Pdf => pdf(&document, font),
    };
    made.with_context(|| format!("cannot make the {} of the report", format.extension()))
}

fn periodic(site: &Site, figures: &Figures) -> Periodic {
    let count = |(id, number): &(String, u64)| Count {
        name: count_name(site, id).zh,
        number: Some(*number),
    };
    let listed = figures.warnings.iter().take(WARNINGS_LISTED_MAX);
    let mut lines: Vec<Line> = listed.map(|one| line(site, one)).collect();
    let left_out = figures.warnings.len().saturating_sub(WARNINGS_LISTED_MAX);
    if left_out > 0 {
        let text = format!("另有 {left_out} 条预警未列出");
        lines.push(Line { at: figures.made_at, text });
    }
    let analyzers = figures.analyzers.iter().take(ANALYZERS_LISTED_MAX);
    let is_over = figures.period.to <= figures.made_at;
    let name = kind_zh(figures.period.kind);
    Periodic {
        name: if is_over { name.to_owned() } else { format!("{name}（时段未结束）") },
        site: site.name.zh.clone(),
        utc_offset_s: site.utc_offset_s,
        from: figures.period.from,
        to: figures.period.to,
        made_at: figures.made_at,
        shares: figures.rates.iter().map(share).collect(),
        counts: figures.counts.iter().map(count).collect(),
        lines,
        analyzers: analyzers.filter_map(|one| complete(site, one)).collect(),
        analyzers_left_out: figures.analyzers.len().saturating_sub(ANALYZERS_LISTED_MAX) as u64,
        monitoring: Vec::new(),
        charts: Vec::new(),
    }
}

fn share(rate: &Rate) -> Share {
    let (name, meaning) = rate_words(rate.id);
    Share { name: name.zh, part: rate.part, whole: rate.whole, meaning: meaning.zh }
}

fn complete(site: &Site, share: &AnalyzerShare) -> Option<Completeness> {
    let known = site.analyzers.get(share.analyzer)?;
    let area = site.area(&known.area).map_or(known.area.as_str(), |area| &area.name.zh);
    Some(Completeness {
        analyzer: known.id.to_string(),
        place: area.to_owned(),
        received: share.received,
        expected: share.expected,
        channels_unread: share.unread,
    })
}

fn line(site: &Site, warning: &Warning) -> Line {
    let gas = site.gas(&warning.gas).map_or(warning.gas.as_str(), |gas| &gas.name.zh);
    let area = site.area(&warning.area).map_or(warning.area.as_str(), |area| &area.name.zh);
    let tier = match warning.tier_peak {
        Tier::Blue => "蓝色",
        Tier::Yellow => "黄色",
        Tier::Orange => "橙色",
        Tier::Red => "红色",
    };
    let end = if warning.state.is_open() { "，未结束" } else { "，已结束" };
    let said = if is_false_alarm(warning) { "，误报" } else { "" };
    Line { at: warning.raised_at, text: format!("{area}{gas}{tier}预警{end}{said}") }
}
