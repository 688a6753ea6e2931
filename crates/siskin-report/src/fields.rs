//! What a report must say, field by field, with the clause that asks for it and the question that a
//! person is asked when the data do not answer it.
//!
//! The clauses are those of 《突发环境事件信息报告办法》 (Ministry of Environmental Protection,
//! Order 17, 2011), article 12 for the contents and 13 for written reports, as it is quoted by
//! others: the text itself was not read.

use siskin_model::incident::ReportKind;

/// The part of the order that asks for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Article 12, first report (初报).
    First,
    /// Article 12, follow-up report (续报).
    FollowUp,
    /// Article 12, report on the result (处理结果报告).
    Final,
    /// Article 13, every written report.
    Written,
}

impl Part {
    /// The clause, as a clerk would cite it.
    pub const fn clause(self) -> &'static str {
        match self {
            Self::First => "第十二条（初报）",
            Self::FollowUp => "第十二条（续报）",
            Self::Final => "第十二条（处理结果报告）",
            Self::Written => "第十三条（书面报告）",
        }
    }
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// Its id in files and in the API.
    pub id: &'static str,
    /// What asks for it.
    pub part: Part,
    /// Its name in Chinese and English.
    pub name: [&'static str; 2],
    /// What a person is asked, in Chinese and English.
    pub question: [&'static str; 2],
}

const fn field(
    part: Part,
    id: &'static str,
    name: [&'static str; 2],
    question: [&'static str; 2],
) -> FieldSpec {
    FieldSpec { id, part, name, question }
}

/// Every field, in the order of the reports.
pub const FIELDS: [FieldSpec; 33] = [
    field(
        Part::First,
        "occurred_at",
        ["发生时间", "time of the event"],
        ["事件何时发生？", "When did the event happen?"],
    ),
    field(Part::First, "place", ["地点", "place"], ["事件发生在哪里？", "Where did it happen?"]),
    field(
        Part::First,
        "information_source",
        ["信息来源", "source of the information"],
        ["最初由谁、以何种方式得知？", "Who told of it first, and how?"],
    ),
    field(Part::First, "cause", ["事件起因", "cause"], ["事件由什么引起？", "What caused it?"]),
    field(
        Part::First,
        "nature",
        ["事件性质", "nature"],
        [
            "属于何种性质（如生产事故、交通事故、违法排放）？",
            "Of what nature is it (accident of production, of transport, unlawful release)?",
        ],
    ),
    field(
        Part::First,
        "grade",
        ["初步定级", "first judgement of the grade"],
        ["初步判定为哪一级，依据是什么？", "Which grade is it at first sight, and why?"],
    ),
    field(
        Part::First,
        "course",
        ["基本过程", "course"],
        ["事件的基本经过如何？", "What happened, in order?"],
    ),
    field(
        Part::First,
        "pollutants",
        ["主要污染物", "main pollutants"],
        ["主要污染物是什么？", "What are the main pollutants?"],
    ),
    field(
        Part::First,
        "quantity",
        ["污染物数量", "quantity"],
        ["泄漏或排放了多少，如何估算？", "How much was released, and how is that estimated?"],
    ),
    field(
        Part::First,
        "monitoring",
        ["监测数据", "monitoring data"],
        ["有哪些监测数据？", "What was measured?"],
    ),
    field(
        Part::First,
        "deaths",
        ["死亡人数", "deaths"],
        ["死亡多少人？没有请填 0。", "How many died? Write 0 for none."],
    ),
    field(
        Part::First,
        "poisoned",
        ["中毒（重伤）人数", "poisoned or seriously hurt"],
        ["中毒或重伤多少人？没有请填 0。", "How many were poisoned or hurt? Write 0 for none."],
    ),
    field(
        Part::First,
        "evacuated",
        ["疏散转移人数", "evacuated"],
        ["疏散、转移多少人？没有请填 0。", "How many were evacuated? Write 0 for none."],
    ),
    field(
        Part::First,
        "sensitive_points",
        ["环境敏感点受影响情况", "effect on sensitive points"],
        [
            "饮用水水源地、居民区、学校、医院等是否受影响？",
            "Are sources of drinking water, homes, schools or hospitals affected?",
        ],
    ),
    field(
        Part::First,
        "trend",
        ["事件发展趋势", "trend"],
        ["事件会如何发展？", "How will it go on?"],
    ),
    field(
        Part::First,
        "handling",
        ["处置情况", "handling so far"],
        ["已采取了哪些处置措施？", "What has been done?"],
    ),
    field(
        Part::First,
        "measures_planned",
        ["拟采取的措施", "measures planned"],
        ["拟采取哪些措施？", "What is going to be done?"],
    ),
    field(
        Part::First,
        "advice",
        ["下一步工作建议", "advice for next steps"],
        ["对下一步工作有何建议？", "What do you advise to do next?"],
    ),
    field(
        Part::First,
        "map",
        ["敏感点分布示意图", "map sketch of sensitive points"],
        [
            "请附敏感点分布示意图，或在站点文件中写明敏感点区域。",
            "Attach a sketch of the sensitive points, or state receptor areas in the site's files.",
        ],
    ),
    field(
        Part::FollowUp,
        "progress",
        ["处置进展情况", "progress of the handling"],
        ["上次报告以来处置有何进展？", "What has changed since the last report?"],
    ),
    field(
        Part::Final,
        "final_measures",
        ["处理措施", "measures"],
        ["采取了哪些处理措施？", "Which measures were taken?"],
    ),
    field(
        Part::Final,
        "final_course",
        ["处理过程", "course of the handling"],
        ["处理的过程如何？", "How did the handling go?"],
    ),
    field(
        Part::Final,
        "final_result",
        ["处理结果", "result"],
        ["处理的结果如何？", "What is the result?"],
    ),
    field(
        Part::Final,
        "indirect_harm",
        ["潜在或者间接危害", "potential or indirect harm"],
        ["有哪些潜在或者间接危害？", "Which potential or indirect harm is there?"],
    ),
    field(
        Part::Final,
        "loss",
        ["损失", "loss"],
        ["直接经济损失多少元？", "How large is the direct loss in yuan?"],
    ),
    field(
        Part::Final,
        "social_effect",
        ["社会影响", "social effect"],
        ["社会影响如何？", "Which effect on society did it have?"],
    ),
    field(
        Part::Final,
        "left_over",
        ["处理后的遗留问题", "problems left over"],
        ["处理后还有哪些遗留问题？", "Which problems are left?"],
    ),
    field(
        Part::Final,
        "accountability",
        ["责任追究", "accountability"],
        ["责任追究情况如何？", "Who was held to account, and how?"],
    ),
    field(
        Part::Written,
        "unit",
        ["报告单位", "reporting unit"],
        ["由哪个单位报告？", "Which unit reports?"],
    ),
    field(Part::Written, "signer", ["报告签发人", "signed by"], ["由谁签发？", "Who signs?"]),
    field(Part::Written, "contact", ["联系人", "contact"], ["联系人是谁？", "Who can be asked?"]),
    field(
        Part::Written,
        "phone",
        ["联系方式", "phone"],
        ["联系电话是多少？", "Under which number?"],
    ),
    field(
        Part::Written,
        "attachments",
        ["图片及多媒体资料", "pictures and other media"],
        [
            "是否有地图、图片及多媒体资料？请作为附件上传。",
            "Are there maps, pictures or other media? Attach them as files.",
        ],
    ),
];

/// The fields of a report: a follow-up says all of the first report too, and the final one all of
/// both.
pub fn of(kind: ReportKind) -> impl Iterator<Item = &'static FieldSpec> {
    let is_in = move |part: Part| match part {
        Part::First | Part::Written => true,
        Part::FollowUp => kind != ReportKind::First,
        Part::Final => kind == ReportKind::Final,
    };
    FIELDS.iter().filter(move |spec| is_in(spec.part))
}

/// The field called `id`, where a report of this kind has it.
pub fn find(kind: ReportKind, id: &str) -> Option<&'static FieldSpec> {
    of(kind).find(|spec| spec.id == id)
}
