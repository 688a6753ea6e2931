//! A clerk's checklist of 《突发环境事件信息报告办法》 (Order 17), ticked item by item: for each
//! item of articles 12 and 13 which fields say it, and what they say of the park's leak.

use siskin_model::incident::{Act, Filling, ReportKind};
use siskin_report::{FieldValue, Report, fields, fill};

use crate::park::{Park, Story, handled, opened};

/// An item of the order: its clause, its words, and the fields that say it.
struct Item(&'static str, &'static str, &'static [&'static str]);

/// Article 12, first report.
const FIRST: [Item; 14] = [
    Item("12-初报-1", "发生时间", &["occurred_at"]),
    Item("12-初报-2", "地点", &["place"]),
    Item("12-初报-3", "信息来源", &["information_source"]),
    Item("12-初报-4", "事件起因和性质", &["cause", "nature", "grade"]),
    Item("12-初报-5", "基本过程", &["course"]),
    Item("12-初报-6", "主要污染物和数量", &["pollutants", "quantity"]),
    Item("12-初报-7", "监测数据", &["monitoring"]),
    Item("12-初报-8", "人员受害情况", &["deaths", "poisoned", "evacuated"]),
    Item("12-初报-9", "环境敏感点受影响情况", &["sensitive_points"]),
    Item("12-初报-10", "事件发展趋势", &["trend"]),
    Item("12-初报-11", "处置情况", &["handling"]),
    Item("12-初报-12", "拟采取的措施", &["measures_planned"]),
    Item("12-初报-13", "下一步工作建议", &["advice"]),
    Item("12-初报-14", "敏感点分布示意图", &["map"]),
];
/// Article 12, follow-up report: on top of the first one.
const FOLLOW_UP: [Item; 1] = [Item("12-续报-1", "处置进展情况", &["progress"])];
/// Article 12, report on the result: on top of both.
const FINAL: [Item; 6] = [
    Item("12-处理结果-1", "措施、过程和结果", &["final_measures", "final_course", "final_result"]),
    Item("12-处理结果-2", "潜在或者间接危害", &["indirect_harm"]),
    Item("12-处理结果-3", "损失", &["loss"]),
    Item("12-处理结果-4", "社会影响", &["social_effect"]),
    Item("12-处理结果-5", "遗留问题", &["left_over"]),
    Item("12-处理结果-6", "责任追究", &["accountability"]),
];
/// Article 13, every written report.
const WRITTEN: [Item; 4] = [
    Item("13-1", "报告单位", &["unit"]),
    Item("13-2", "报告签发人", &["signer"]),
    Item("13-3", "联系人及联系方式", &["contact", "phone"]),
    Item("13-4", "地图、图片以及相关的多媒体资料", &["map", "attachments"]),
];

fn asked(kind: ReportKind) -> Vec<&'static Item> {
    let mut items: Vec<&Item> = FIRST.iter().chain(&WRITTEN).collect();
    if kind != ReportKind::First {
        items.extend(&FOLLOW_UP);
    }
    if kind == ReportKind::Final {
        items.extend(&FINAL);
    }
    items
}

#[test]
fn every_item_of_the_order_has_its_fields_and_every_field_its_item() {
    for kind in ReportKind::ALL {
        let items = asked(kind);
        for Item(clause, words, ids) in &items {
            assert!(!ids.is_empty());
            for id in *ids {
                let spec = fields::find(kind, id);
                let spec = spec.unwrap_or_else(|| panic!("{clause} {words}: no field {id}"));
                let article =
                    if clause.starts_with("12") { "第十二条" } else { "第十三条" };
                let cites = spec.part.clause();
                assert!(cites.starts_with(article) || *id == "map", "{clause}: {id} cites {cites}");
            }
        }
        for spec in fields::of(kind) {
            let is_asked = items.iter().any(|Item(_, _, ids)| ids.contains(&spec.id));
            assert!(is_asked, "no item asks for {}", spec.id);
            assert!(spec.question.iter().all(|question| !question.is_empty()), "{}", spec.id);
        }
    }
    let only_first: Vec<_> = fields::of(ReportKind::First).map(|spec| spec.id).collect();
    assert!(!only_first.contains(&"progress") && !only_first.contains(&"loss"));
}

fn ticked<'a>(report: &'a Report, id: &str) -> Option<&'a [String]> {
    match &report.fields.iter().find(|field| field.id == id)?.value {
        FieldValue::Value { lines } => Some(lines),
        FieldValue::Missing | FieldValue::NotApplicable { .. } => None,
    }
}

fn says(report: &Report, id: &str, part: &str) {
    let lines = ticked(report, id).unwrap_or_else(|| panic!("{id} has no value"));
    assert!(lines.iter().any(|line| line.contains(part)), "{id}: {part} in {lines:?}");
    let field = report.fields.iter().find(|field| field.id == id).unwrap();
    assert!(!field.sources.is_empty(), "{id} has no source");
}

fn lacks(report: &Report, ids: &[&str]) {
    for id in ids {
        assert_eq!(ticked(report, id), None, "{id}");
    }
}

#[test]
fn the_data_fill_what_they_can_of_a_first_report() {
    let (park, story) = (Park::new(), handled());
    let report = fill(&park.facts(&story), ReportKind::First);
    says(&report, "occurred_at", "2026年11月29日 20:31:00");
    says(&report, "place", "示范化工园区，液氯罐区");
    says(&report, "information_source", "GT-101-cl2");
    says(&report, "course", "液氯罐区氯气预警");
    says(&report, "course", "现场确认 2 号储罐出口法兰泄漏");
    says(&report, "pollutants", "氯气（Cl2，CAS 7782-50-5）");
    says(&report, "quantity", "约 15 kg");
    says(&report, "monitoring", "2 个监测通道");
    says(&report, "monitoring", "1 个监测通道在此期间没有有效读数，不代表浓度为零");
    says(&report, "monitoring", "南风（195°），2.4 m/s");
    says(&report, "deaths", "0 人");
    says(&report, "poisoned", "2 人");
    says(&report, "trend", "GT-101-cl2 氯气：近 10 分钟均值");
    says(&report, "trend", "下降");
    says(&report, "handling", "关闭 2 号储罐出口阀");
    says(&report, "measures_planned", "组织李家村下风向居民转移");
    says(&report, "map", "见附图");
    says(&report, "unit", "应急管理中心");
    says(&report, "contact", "赵敏");
    // What nobody said is missing, and above all no unknown figure is zero.
    lacks(&report, &["cause", "nature", "evacuated", "advice", "signer", "phone"]);
    // The over-range channel comes first and its range is no peak that was measured.
    assert_eq!(report.monitoring[0].channel, "GT-101-cl2");
    assert!(report.monitoring[0].over_range > 0);
    assert_eq!(report.monitoring[2].highest, None);
}

#[test]
fn a_warning_alone_fills_no_word_of_people() {
    let (park, story) = (Park::new(), opened());
    let report = fill(&park.facts(&story), ReportKind::Final);
    let people = [
        "cause",
        "nature",
        "grade",
        "quantity",
        "deaths",
        "poisoned",
        "evacuated",
        "sensitive_points",
        "handling",
        "measures_planned",
        "advice",
        "progress",
        "final_measures",
        "final_course",
        "final_result",
        "indirect_harm",
        "loss",
        "social_effect",
        "left_over",
        "accountability",
        "signer",
        "phone",
        "attachments",
    ];
    lacks(&report, &people);
    assert_eq!(report.missing().count(), people.len());
}

#[test]
fn no_sensitive_point_in_the_files_is_no_sketch_without_one() {
    let (mut park, story) = (Park::new(), opened());
    park.site.areas.truncate(2);
    let report = fill(&park.facts(&story), ReportKind::First);
    assert_eq!(report.map, None);
    lacks(&report, &["map"]);
}

/// Every field that only persons know.
fn filled(mut story: Story) -> Story {
    let all: Vec<_> = fields::of(ReportKind::Final).map(|spec| spec.id).collect();
    for id in all {
        story.fill(50, ReportKind::Final, id, Filling::Value(format!("{id} 已填")));
    }
    story
}

#[test]
fn a_person_can_fill_every_field_and_a_final_report_is_then_complete() {
    let (park, story) = (Park::new(), filled(handled()));
    let report = fill(&park.facts(&story), ReportKind::Final);
    for Item(clause, _, ids) in asked(ReportKind::Final) {
        for id in *ids {
            says(&report, id, "已填");
        }
        assert!(!clause.is_empty());
    }
    assert_eq!(report.missing().count(), 0);
    // The first report does not know what was said for the final one.
    let first = fill(&park.facts(&story), ReportKind::First);
    says(&first, "quantity", "约 15 kg");
    lacks(&first, &["cause", "sensitive_points"]);
}

#[test]
fn a_closure_gives_the_cause_and_the_course() {
    let (mut park, mut story) = (Park::new(), handled());
    park.warnings[0].returned_at = Some(crate::park::at(55));
    let unmet = std::collections::BTreeMap::new();
    let (cause, lessons) = ("法兰垫片老化".to_owned(), "缩短更换周期".to_owned());
    story.act(58, Act::Close { cause, lessons, unmet });
    let report = fill(&park.facts(&story), ReportKind::Final);
    says(&report, "cause", "法兰垫片老化");
    says(&report, "final_course", "恢复正常");
    says(&report, "final_measures", "关闭 2 号储罐出口阀");
}
