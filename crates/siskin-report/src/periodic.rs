//! Reports of a shift, a day or a month: figures that the caller has collected, in the same form as
//! reports of incidents. A part of nothing is not zero and not one: it is said to be none.

use siskin_model::Timestamp;

use crate::document::{Block, Cell, Document, Span};
use crate::report::{Chart, MonitoringRow};
use crate::words;

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// What is counted, for example 误报率.
    pub name: String,
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// What is divided by what.
    pub meaning: String,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// The number; none where it is not known.
    pub number: Option<u64>,
}

/// How complete the readings of an analyzer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// Its id.
    pub analyzer: String,
    /// Where it stands.
    pub place: String,
    /// Readings that came.
    pub received: u64,
    /// Readings that its period asks for.
    pub expected: u64,
    /// Channels of it that could not be read: they are in neither number.
    pub channels_unread: u64,
}

/// A row of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Figures of a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Periodic {
    /// For example 当班报告, 日报, 月报.
    pub name: String,
    /// The site's name.
    pub site: String,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
    /// From when.
    pub from: Timestamp,
    /// Until before when.
    pub to: Timestamp,
    /// When the figures were collected.
    pub made_at: Timestamp,
    /// Rates: alarms, false alarms, closures, completeness.
    pub shares: Vec<Share>,
    /// Numbers: warnings by tier, incidents, acknowledgements.
    pub counts: Vec<Count>,
    /// What happened.
    pub lines: Vec<Line>,
    /// How complete the readings are, the least complete first.
    pub analyzers: Vec<Completeness>,
    /// How many more analyzers there are, which are more complete.
    pub analyzers_left_out: u64,
    /// What was measured.
    pub monitoring: Vec<MonitoringRow>,
    /// Charts.
    pub charts: Vec<Chart>,
}

/// The figures as a document.
pub fn lay_out_periodic(periodic: &Periodic) -> Document {
    let offset_s = periodic.utc_offset_s;
    let moment = |at| words::moment(at, offset_s);
    let span = format!("{} 至 {}", moment(periodic.from), moment(periodic.to));
    let mut blocks = vec![
        Block::Title(format!("{}{}", periodic.site, periodic.name)),
        Block::Subtitle(span.clone()),
        Block::Heading("一、指标".to_owned()),
        shares(&periodic.shares),
        Block::Heading("二、统计".to_owned()),
        counts(&periodic.counts),
        Block::Heading("三、记录".to_owned()),
        lines(&periodic.lines, offset_s),
    ];
    if !periodic.analyzers.is_empty() {
        blocks.push(Block::Heading("四、数据完整率（按分析仪，由低到高）".to_owned()));
        blocks.extend(analyzers(periodic));
    }
    if !periodic.monitoring.is_empty() {
        blocks.push(Block::Heading("五、监测数据".to_owned()));
        blocks.push(crate::lay_out::monitoring_table(&periodic.monitoring, offset_s));
    }
    for (place, one) in (1..).zip(&periodic.charts) {
        let caption = format!("图 {place}　{} 浓度过程线", one.title);
        let drawing = crate::drawing::chart(one, offset_s);
        blocks.push(Block::Picture { drawing, caption });
    }
    let title = format!("{} {span}", periodic.name);
    let footer = format!("{}　数据截至 {}", periodic.name, moment(periodic.made_at));
    Document { title, footer, blocks }
}

fn row(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|text| vec![vec![Span::plain(*text)]]).collect()
}

fn head(names: &[&str]) -> Vec<Cell> {
    names.iter().map(|name| vec![vec![Span::strong(*name)]]).collect()
}

fn none() -> Block {
    Block::Paragraph(vec![Span::plain("本期无。")])
}

fn rate(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "无（分母为 0）".to_owned();
    }
    format!("{:.1} %", part as f64 / whole as f64 * 100.0)
}

fn analyzers(periodic: &Periodic) -> Vec<Block> {
    let mut rows = vec![head(&["分析仪", "位置", "完整率", "收到 / 应收"])];
    for one in &periodic.analyzers {
        let unread = match one.channels_unread {
            0 => String::new(),
            count => format!("（另有 {count} 个通道读不出）"),
        };
        let parts = format!("{} / {}{unread}", one.received, one.expected);
        let rate = rate(one.received, one.expected);
        rows.push(row(&[&one.analyzer, &one.place, &rate, &parts]));
    }
    let mut blocks = vec![Block::Table { widths: vec![0.25, 0.25, 0.16, 0.34], rows }];
    if periodic.analyzers_left_out > 0 {
        let text = format!("另有 {} 台未列出，完整率不低于以上各台。", periodic.analyzers_left_out);
        blocks.push(Block::Paragraph(vec![Span::quiet(text)]));
    }
    blocks
}

fn shares(shares: &[Share]) -> Block {
    if shares.is_empty() {
        return none();
    }
    let mut rows = vec![head(&["指标", "值", "分子 / 分母", "含义"])];
    for share in shares {
        let parts = format!("{} / {}", share.part, share.whole);
        let rate = rate(share.part, share.whole);
        rows.push(row(&[&share.name, &rate, &parts, &share.meaning]));
    }
    Block::Table { widths: vec![0.22, 0.16, 0.2, 0.42], rows }
}

fn counts(counts: &[Count]) -> Block {
    if counts.is_empty() {
        return none();
    }
    let mut rows = vec![head(&["项目", "数量"])];
    for count in counts {
        let number = count.number.map_or("未知".to_owned(), |number| number.to_string());
        rows.push(row(&[&count.name, &number]));
    }
    Block::Table { widths: vec![0.6, 0.4], rows }
}

fn lines(lines: &[Line], offset_s: i32) -> Block {
    if lines.is_empty() {
        return none();
    }
    let mut rows = vec![head(&["时间", "内容"])];
    rows.extend(lines.iter().map(|line| row(&[&words::moment(line.at, offset_s), &line.text])));
    Block::Table { widths: vec![0.28, 0.72], rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_nothing_is_none() {
        let check = |part, whole, expected: &str| {
            assert_eq!(rate(part, whole), expected);
        };
        check(0, 0, "无（分母为 0）");
        check(0, 3, "0.0 %");
        check(1, 3, "33.3 %");
        check(3, 3, "100.0 %");
    }
}
