//! A report as a document: its fields as a table in the order of the law, then what was measured,
//! the charts and the sketch, and who signed it.

use siskin_model::Timestamp;

use crate::document::{Block, Cell, Document, Paragraph, Span};
use crate::drawing::{chart, map};
use crate::report::{Field, FieldValue, MonitoringRow, Report, Source};
use crate::words;

/// What marks a field that nobody has said yet.
pub(crate) const MISSING: &str = "【待补】";

/// The report as a document.
pub fn lay_out(report: &Report) -> Document {
    let kind = words::kind(report.kind);
    let state = match &report.signed {
        Some(signed) => format!(
            "第 {} 版　{} 签发于 {}",
            report.version,
            signed.by,
            words::moment(signed.at, report.utc_offset_s)
        ),
        None => format!("第 {} 版　草稿，未签发", report.version),
    };
    let mut blocks = vec![
        Block::Title(format!("突发环境事件信息报告（{kind}）")),
        Block::Subtitle(format!("{}　{}", report.site, report.title)),
        Block::Subtitle(format!("事件编号 {}　{state}", report.incident)),
    ];
    blocks.extend(what_is_missing(report));
    blocks.push(Block::Heading("一、报告内容".to_owned()));
    blocks.push(fields(report));
    blocks.extend(monitoring(report));
    blocks.extend(pictures(report));
    blocks.push(Block::Heading("四、签发".to_owned()));
    blocks.push(sign_off(report));
    let made = words::moment(report.made_at, report.utc_offset_s);
    let footer = format!("{} {kind} 第 {} 版　数据截至 {made}", report.incident, report.version);
    Document { title: format!("{} {kind}", report.incident), footer, blocks }
}

fn what_is_missing(report: &Report) -> Option<Block> {
    let names: Vec<_> = report.missing().map(|field| field.name.zh.as_str()).collect();
    let text = format!("{MISSING} 尚缺 {} 项：{}。", names.len(), names.join("、"));
    (!names.is_empty()).then(|| Block::Paragraph(vec![Span::missing(text)]))
}

fn one(span: Span) -> Cell {
    vec![vec![span]]
}

fn head(names: &[&str]) -> Vec<Cell> {
    names.iter().map(|name| one(Span::strong(*name))).collect()
}

fn fields(report: &Report) -> Block {
    let mut rows = vec![head(&["项目", "内容", "来源"])];
    let mut clause = "";
    for field in &report.fields {
        if field.clause != clause {
            clause = &field.clause;
            let section = format!("《突发环境事件信息报告办法》{clause}");
            rows.push(vec![one(Span::quiet(section))]);
        }
        rows.push(vec![
            one(Span::strong(&field.name.zh)),
            value(field),
            sources(field, report.utc_offset_s),
        ]);
    }
    Block::Table { widths: vec![0.19, 0.59, 0.22], rows }
}

fn value(field: &Field) -> Cell {
    match &field.value {
        FieldValue::Value { lines } => lines.iter().map(|line| vec![Span::plain(line)]).collect(),
        FieldValue::Missing => {
            let question = Span::quiet(format!(" {}", field.question.zh));
            vec![vec![Span::missing(MISSING), question]]
        }
        FieldValue::NotApplicable { reason } => one(Span::plain(format!("不适用：{reason}"))),
    }
}

fn sources(field: &Field, offset_s: i32) -> Cell {
    let line = |source: &Source| -> Paragraph {
        let (who, at) = match source {
            Source::Data { what, at } => (what.clone(), *at),
            Source::Person { name, at } => (format!("{name} 填报"), *at),
        };
        vec![Span::quiet(format!("{who}，{}", words::short_moment(at, offset_s)))]
    };
    let lines: Cell = field.sources.iter().map(line).collect();
    if lines.is_empty() { one(Span::quiet("—")) } else { lines }
}

fn monitoring(report: &Report) -> Vec<Block> {
    let heading = Block::Heading("二、监测数据".to_owned());
    if report.monitoring.is_empty() {
        let none = Span::missing(format!("{MISSING} 无在线监测读数"));
        return vec![heading, Block::Paragraph(vec![none])];
    }
    let mut blocks = vec![heading, monitoring_table(&report.monitoring, report.utc_offset_s)];
    let note = "超量程表示真实浓度不低于量程上限。没有有效读数不代表浓度为零。";
    blocks.push(Block::Paragraph(vec![Span::quiet(note)]));
    if report.channels_left_out > 0 {
        let text = format!("另有 {} 个通道未列出，见事件证据包。", report.channels_left_out);
        blocks.push(Block::Paragraph(vec![Span::quiet(text)]));
    }
    blocks
}

pub(crate) fn monitoring_table(monitoring: &[MonitoringRow], offset_s: i32) -> Block {
    let names = ["通道", "位置", "气体", "最高值（时间）", "最新值（时间）", "限值", "读数"];
    let mut rows = vec![head(&names)];
    rows.extend(monitoring.iter().map(|row| monitoring_row(row, offset_s)));
    Block::Table { widths: vec![0.15, 0.12, 0.1, 0.17, 0.17, 0.17, 0.12], rows }
}

fn monitoring_row(row: &MonitoringRow, offset_s: i32) -> Vec<Cell> {
    let cell = |value: Option<(f64, Timestamp)>, sign: &str| match value {
        Some((value, at)) => vec![
            vec![Span::plain(format!("{sign}{} {}", words::number(value), row.unit))],
            vec![Span::quiet(words::short_moment(at, offset_s))],
        ],
        None => one(Span::plain("无有效读数")),
    };
    // Beyond its range a channel says only how high the value is at least.
    let mut highest = cell(row.highest, if row.over_range > 0 { "≥ " } else { "" });
    if row.over_range > 0 {
        highest.push(vec![Span::strong(format!("超量程 {} 次", row.over_range))]);
    }
    let limit = |limit: &crate::facts::LimitLine| {
        let amount = words::amount(limit.value, limit.unit);
        vec![Span::plain(format!("{} {amount}", limit.name))]
    };
    let limits: Cell = row.limits.iter().map(limit).collect();
    vec![
        one(Span::plain(&row.channel)),
        one(Span::plain(&row.place)),
        one(Span::plain(&row.gas)),
        highest,
        cell(row.last, ""),
        if limits.is_empty() { one(Span::quiet("—")) } else { limits },
        vec![
            vec![Span::quiet(format!("有效 {}", row.valid))],
            vec![Span::quiet(format!("无效 {}", row.unusable))],
        ],
    ]
}

fn pictures(report: &Report) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("三、附图".to_owned())];
    for (place, one) in (1..).zip(&report.charts) {
        let caption = format!("图 {place}　{} 浓度过程线", one.title);
        blocks.push(Block::Picture { drawing: chart(one, report.utc_offset_s), caption });
    }
    if let Some(sketch) = &report.map {
        let caption = format!("图 {}　环境敏感点分布示意图", report.charts.len() + 1);
        blocks.push(Block::Picture { drawing: map(sketch), caption });
    } else {
        let text = format!("{MISSING} 环境敏感点分布示意图：站点文件未写明敏感点。");
        blocks.push(Block::Paragraph(vec![Span::missing(text)]));
    }
    blocks
}

fn sign_off(report: &Report) -> Block {
    let said = |id: &str| {
        let field = report.fields.iter().find(|field| field.id == id);
        field.map_or_else(
            || one(Span::missing(MISSING)),
            |field| match field.value {
                FieldValue::Missing => one(Span::missing(MISSING)),
                _ => value(field),
            },
        )
    };
    let at = match &report.signed {
        Some(signed) => one(Span::plain(words::moment(signed.at, report.utc_offset_s))),
        None => one(Span::missing("【待签发】")),
    };
    let label = |text: &str| one(Span::strong(text));
    let rows = vec![
        vec![label("报告单位"), said("unit"), label("报告签发人"), said("signer")],
        vec![label("联系人"), said("contact"), label("联系方式"), said("phone")],
        vec![label("签发时间"), at, label("盖章"), one(Span::plain(""))],
    ];
    Block::Table { widths: vec![0.15, 0.35, 0.15, 0.35], rows }
}
