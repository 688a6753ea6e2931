//! The documents: the same facts give the same bytes, and what must be seen stands in them.

use std::io::{Cursor, Read};
use std::path::PathBuf;

use siskin_model::incident::ReportKind;
use siskin_report::{
    Block, Completeness, Count, Document, Font, Line, Periodic, Report, Share, Span, Tone, docx,
    fill, lay_out, lay_out_periodic, pdf, svg,
};

use crate::park::{Park, at, handled};

/// The font that the tests of this repository install; see the Makefile.
const FONT: &str = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";

fn font() -> Font {
    let bytes = std::fs::read(FONT);
    let hint = "hint: install the Debian package fonts-wqy-microhei";
    Font::new(bytes.unwrap_or_else(|error| panic!("{FONT}: {error}; {hint}"))).unwrap()
}

fn report(kind: ReportKind) -> Report {
    let (park, story) = (Park::new(), handled());
    fill(&park.facts(&story), kind)
}

fn spans(document: &Document) -> Vec<Span> {
    let mut all = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(spans) => all.extend(spans.clone()),
            Block::Table { rows, .. } => {
                all.extend(rows.iter().flatten().flatten().flatten().cloned());
            }
            Block::Title(text) | Block::Subtitle(text) | Block::Heading(text) => {
                all.push(Span { text: text.clone(), tone: Tone::Plain });
            }
            Block::Picture { caption, .. } => {
                all.push(Span { text: caption.clone(), tone: Tone::Quiet });
            }
        }
    }
    all
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Where samples for people to look at are written, if anybody asks for them.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("SISKIN_REPORT_SAMPLES") {
        std::fs::write(PathBuf::from(folder).join(name), bytes).unwrap();
    }
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    let font = font();
    for kind in ReportKind::ALL {
        let make = || {
            let document = lay_out(&report(kind));
            (docx(&document, &font).unwrap(), pdf(&document, &font).unwrap())
        };
        let (first, second) = (make(), make());
        assert!(first == second, "{kind:?} differs");
        keep(&format!("{}.docx", kind.as_str()), &first.0);
        keep(&format!("{}.pdf", kind.as_str()), &first.1);
    }
}

#[test]
fn every_missing_field_is_marked_and_asked_for() {
    let report = report(ReportKind::First);
    let document = lay_out(&report);
    let spans = spans(&document);
    let marked = spans.iter().filter(|span| span.tone == Tone::Missing && span.text == "【待补】");
    // Once in the table, and those of the sign-off once more.
    let missing: Vec<_> = report.missing().map(|field| field.id.as_str()).collect();
    assert_eq!(
        missing,
        ["cause", "nature", "grade", "evacuated", "advice", "signer", "phone", "attachments"]
    );
    assert_eq!(marked.count(), missing.len() + 2);
    for field in report.missing() {
        let asks = |span: &Span| span.text.contains(&field.question.zh);
        assert!(spans.iter().any(asks), "{}", field.id);
    }
}

#[test]
fn a_docx_holds_the_text_and_breaks_on_no_mark() {
    let font = font();
    let bytes = docx(&lay_out(&report(ReportKind::First)), &font).unwrap();
    let body = part(&bytes, "word/document.xml");
    for text in ["突发环境事件信息报告（初报）", "液氯罐区", "&lt;未核实&gt;", "约 15 kg（估算）"]
    {
        assert!(body.contains(text), "{text}");
    }
    assert!(body.contains("<w:highlight w:val=\"yellow\"/>"));
    assert!(!body.contains("<未核实>"));
}

#[test]
fn a_signed_report_names_who_signed_it() {
    let signed = report(ReportKind::First).signed("李主任", at(62));
    let text: Vec<_> = spans(&lay_out(&signed)).into_iter().map(|span| span.text).collect();
    assert!(
        text.iter().any(|line| line.contains("李主任 签发于 2026年11月29日 21:02:00")),
        "{text:?}"
    );
    assert!(!text.iter().any(|line| line.contains("草稿") || line.contains("待签发")));
    let kept = serde_json::to_vec(&signed).unwrap();
    let read: Report = serde_json::from_slice(&kept).unwrap();
    assert!(
        spans(&lay_out(&read)) == spans(&lay_out(&signed)),
        "what was kept says something else"
    );
}

#[test]
fn a_month_has_its_rates_in_the_same_form() {
    let share = |name: &str, part, whole, meaning: &str| Share {
        name: name.to_owned(),
        part,
        whole,
        meaning: meaning.to_owned(),
    };
    let report = report(ReportKind::First);
    let month = Periodic {
        name: "监测预警月报".to_owned(),
        site: "示范化工园区".to_owned(),
        utc_offset_s: 8 * 3600,
        from: at(-60 * 24 * 29),
        to: at(240),
        made_at: at(241),
        shares: vec![
            share("误报率", 1, 12, "判定为误报的预警 / 全部预警"),
            share("闭环率", 11, 12, "已结束且有处置记录的预警 / 全部预警"),
            share("数据完整率", 7_776_213, 7_905_600, "收到的读数 / 应收的读数"),
            share("迟报率", 0, 0, "超时的报告义务 / 全部报告义务"),
        ],
        counts: vec![
            Count { name: "红色预警".to_owned(), number: Some(1) },
            Count { name: "消息回执".to_owned(), number: None },
        ],
        lines: vec![Line { at: at(31), text: "液氯罐区氯气红色预警".to_owned() }],
        analyzers: vec![Completeness {
            analyzer: "GT-201".to_owned(),
            place: "氯化装置".to_owned(),
            received: 1_286_400,
            expected: 2_592_000,
            channels_unread: 1,
        }],
        analyzers_left_out: 2,
        monitoring: report.monitoring.clone(),
        charts: report.charts.clone(),
    };
    let document = lay_out_periodic(&month);
    let text: Vec<_> = spans(&document).into_iter().map(|span| span.text).collect();
    for expected in ["8.3 %", "91.7 %", "98.4 %", "无（分母为 0）", "未知", "49.6 %"] {
        assert!(text.iter().any(|line| line == expected), "{expected} in {text:?}");
    }
    let font = font();
    keep("figures.pdf", &pdf(&document, &font).unwrap());
    keep("figures.docx", &docx(&document, &font).unwrap());
}

#[test]
fn a_picture_is_also_an_svg() {
    let document = lay_out(&report(ReportKind::First));
    let pictures = document.blocks.iter().filter_map(|block| match block {
        Block::Picture { drawing, .. } => Some(svg(drawing)),
        _ => None,
    });
    let pictures: Vec<_> = pictures.collect();
    assert_eq!(pictures.len(), 3, "two charts and the sketch");
    assert!(pictures[0].contains("GT-101-cl2 氯气") && pictures[0].ends_with("</svg>"));
    assert!(pictures[2].contains("★李家村"));
}
