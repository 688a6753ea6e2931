//! A clerk's checklist of 《突发环境事件信息报告办法》 (Order 17), ticked on the documents that are
//! signed: every item of articles 12 and 13 stands in the DOCX and in the PDF with what was said of
//! it, as other people's programs read them. The items are written here from the quoted order, not
//! taken from the program: a field that vanishes from either document fails.

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::site::RED_PPM;
use e2e::station::Station;
use serde_json::{Map, Value, json};

use crate::park::{Park, act, opened};
use crate::reports::{documents, says};

/// Clause, words of the order, and the fields that say it: their ids and how the report names them.
type Item = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// 第十二条, first report (初报).
const FIRST_REPORT: [Item; 14] = [
    ("第十二条 初报 1", "发生时间", &[("occurred_at", "发生时间")]),
    ("第十二条 初报 2", "地点", &[("place", "地点")]),
    ("第十二条 初报 3", "信息来源", &[("information_source", "信息来源")]),
    (
        "第十二条 初报 4",
        "事件起因和性质",
        &[("cause", "事件起因"), ("nature", "事件性质"), ("grade", "初步定级")],
    ),
    ("第十二条 初报 5", "基本过程", &[("course", "基本过程")]),
    (
        "第十二条 初报 6",
        "主要污染物和数量",
        &[("pollutants", "主要污染物"), ("quantity", "污染物数量")],
    ),
    ("第十二条 初报 7", "监测数据", &[("monitoring", "监测数据")]),
    (
        "第十二条 初报 8",
        "人员受害情况",
        &[("deaths", "死亡人数"), ("poisoned", "中毒（重伤）人数"), ("evacuated", "疏散转移人数")],
    ),
    ("第十二条 初报 9", "敏感点受影响情况", &[("sensitive_points", "环境敏感点受影响情况")]),
    ("第十二条 初报 10", "事件发展趋势", &[("trend", "事件发展趋势")]),
    ("第十二条 初报 11", "处置情况", &[("handling", "处置情况")]),
    ("第十二条 初报 12", "拟采取的措施", &[("measures_planned", "拟采取的措施")]),
    ("第十二条 初报 13", "下一步工作建议", &[("advice", "下一步工作建议")]),
    ("第十二条 初报 14", "敏感点分布示意图", &[("map", "敏感点分布示意图")]),
];
/// 第十二条, follow-up report (续报), on top of the first one.
const FOLLOW_UP: [Item; 1] = [("第十二条 续报 1", "处置进展情况", &[("progress", "处置进展情况")])];
/// 第十二条, report on the result (处理结果报告), on top of both.
const FINAL: [Item; 6] = [
    (
        "第十二条 处理结果 1",
        "措施、过程和结果",
        &[
            ("final_measures", "处理措施"),
            ("final_course", "处理过程"),
            ("final_result", "处理结果"),
        ],
    ),
    ("第十二条 处理结果 2", "潜在或者间接的危害", &[("indirect_harm", "潜在或者间接危害")]),
    ("第十二条 处理结果 3", "损失", &[("loss", "损失")]),
    ("第十二条 处理结果 4", "社会影响", &[("social_effect", "社会影响")]),
    ("第十二条 处理结果 5", "遗留问题", &[("left_over", "处理后的遗留问题")]),
    ("第十二条 处理结果 6", "责任追究", &[("accountability", "责任追究")]),
];
/// 第十三条, every written report.
const WRITTEN: [Item; 4] = [
    ("第十三条 1", "报告单位", &[("unit", "报告单位")]),
    ("第十三条 2", "报告签发人", &[("signer", "报告签发人")]),
    ("第十三条 3", "联系人及联系方式", &[("contact", "联系人"), ("phone", "联系方式")]),
    ("第十三条 4", "图片以及相关的多媒体资料", &[("attachments", "图片及多媒体资料")]),
];

fn items(kind: &str) -> Vec<&'static Item> {
    let mut items: Vec<&Item> = FIRST_REPORT.iter().collect();
    if kind != "first" {
        items.extend(&FOLLOW_UP);
    }
    if kind == "final" {
        items.extend(&FINAL);
    }
    items.extend(&WRITTEN);
    items
}

#[test]
fn every_item_of_the_order_stands_in_both_documents() -> Result<()> {
    let mut park = Park::new()?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let id = opened(&station)?;
    for (kind, title) in
        [("first", "（初报）"), ("follow-up", "（续报）"), ("final", "（处理结果报告）")]
    {
        ticked(&park, &station, &id, (kind, title))?;
    }
    station.stop()
}

/// Fills in every item, signs with nothing missing, and looks for each of them.
fn ticked(park: &Park, station: &Station, id: &str, (kind, title): (&str, &str)) -> Result<()> {
    let fields: Vec<_> = items(kind).into_iter().flat_map(|(_, _, fields)| *fields).collect();
    let draft = station.get(&format!("incidents/{id}/reports/{kind}/draft"))?;
    let mut asked: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
    let known = draft["fields"].as_array().context("fields")?;
    let mut known: Vec<_> = known.iter().filter_map(|field| field["id"].as_str()).collect();
    asked.sort_unstable();
    known.sort_unstable();
    ensure!(asked == known, "the report has {known:?}, the order asks for {asked:?}");
    let said = |field: &str| format!("{kind}之{field}如此");
    let filled: Map<String, Value> = asked
        .iter()
        .filter(|field| **field != "signer")
        .map(|field| ((*field).to_owned(), json!({ "value": said(field) })))
        .collect();
    let filled = act(station, id, &format!("reports/{kind}/fields"), &json!({ "fields": filled }))?;
    let signature = json!({ "version": 1, "draft_sha256": filled["sha256"] });
    act(station, id, &format!("reports/{kind}/sign"), &signature)?;
    for document in documents(park, station, id, &format!("{kind}/1"))? {
        says(&document, title)?;
        for (clause, words, fields) in items(kind) {
            for (field, name) in *fields {
                let said = if *field == "signer" { FIRST.to_owned() } else { said(field) };
                // The name and beside it what was said.
                says(&document, &format!("{name}{said}"))
                    .with_context(|| format!("{clause} {words}"))?;
            }
        }
    }
    Ok(())
}
