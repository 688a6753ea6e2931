//! What people read: which place, which gas, how much against which limit, since when, what to do,
//! who to call. In Chinese and in English.
//!
//! A drill and a test say so in the first word. Must never leave out what is known, and never fill
//! in what is not.

use std::fmt::Write as _;

use siskin_model::notify::{Corrected, Course, Language, Message, MessageKind, Show};
use siskin_model::{Text, Timestamp};

/// A text in one language.
pub fn in_language(text: &Text, language: Language) -> &str {
    match language {
        Language::Zh => &text.zh,
        Language::En => &text.en,
    }
}

/// The first line: what, where, how high.
pub fn headline(message: &Message, kind: MessageKind, language: Language) -> String {
    let mark = mark(&message.show, language);
    let site = in_language(&message.site_name, language);
    let area = in_language(&message.area_name, language);
    let gas = in_language(&message.gas_name, language);
    let tier = message.tier.name();
    let tier = in_language(&tier, language);
    match language {
        Language::Zh => {
            let act = match kind {
                MessageKind::Alert => "发布",
                MessageKind::Update => "更新",
                MessageKind::Cancel => "撤销",
                MessageKind::AllClear => "解除",
                MessageKind::Acknowledged => "确认",
                MessageKind::Correction => "更正",
            };
            let late = if kind == MessageKind::Correction { "【数据后补】" } else { "" };
            format!("{mark}{late}{site}{area}{act}{gas}{tier}")
        }
        Language::En => {
            let act = match kind {
                MessageKind::Alert => "",
                MessageKind::Update => " updated",
                MessageKind::Cancel => " cancelled: told in error",
                MessageKind::AllClear => " is over",
                MessageKind::Acknowledged => " acknowledged",
                MessageKind::Correction => " corrected by late data",
            };
            let late = if kind == MessageKind::Correction { "[LATE DATA] " } else { "" };
            format!("{mark}{late}{tier}{act}: {gas} in {area}, {site}")
        }
    }
}

pub(crate) fn mark(show: &Show, language: Language) -> &'static str {
    match (show, language) {
        (Show::Real, _) => "",
        (Show::Exercise(_), Language::Zh) => "【演练】",
        (Show::Exercise(_), Language::En) => "[EXERCISE] ",
        (Show::Test, Language::Zh) => "【测试】",
        (Show::Test, Language::En) => "[TEST] ",
    }
}

/// Everything below the first line but what to do and who to call.
pub fn description(message: &Message, kind: MessageKind, language: Language) -> String {
    let mut out = String::new();
    let zh = language == Language::Zh;
    let site = in_language(&message.site_name, language);
    let area = in_language(&message.area_name, language);
    let gas = in_language(&message.gas_name, language);
    let tier = message.tier.name();
    line(&mut out, if zh { "级别" } else { "Tier" }, in_language(&tier, language));
    line(&mut out, if zh { "地点" } else { "Place" }, &format!("{site} {area}"));
    let named = message.cas.as_ref().map_or_else(
        || gas.to_owned(),
        |cas| if zh { format!("{gas}（CAS {cas}）") } else { format!("{gas} (CAS {cas})") },
    );
    line(&mut out, if zh { "气体" } else { "Gas" }, &named);
    measured(&mut out, message, language);
    let since = local(message.raised_at, message.utc_offset_s);
    line(&mut out, if zh { "开始时间" } else { "Since" }, &since);
    line(&mut out, if zh { "现状" } else { "Now" }, state(message, kind, language));
    if let Some(reason) = &message.reason {
        line(&mut out, if zh { "撤销原因" } else { "Reason" }, reason);
    }
    if let Some(corrected) = &message.corrected {
        changes(&mut out, (message, corrected), language);
    }
    if let Show::Exercise(id) = &message.show {
        line(&mut out, if zh { "演练编号" } else { "Exercise" }, id);
    }
    line(&mut out, if zh { "编号" } else { "Number" }, &message.public_key());
    out
}

/// What was told before, and what is known since late data came.
fn changes(out: &mut String, (message, corrected): (&Message, &Corrected), language: Language) {
    let zh = language == Language::Zh;
    let course = |course: Option<Course>, none: &str| {
        let Some(Course { begin, end, peak }) = course else { return none.to_owned() };
        let moment = |at| local(at, message.utc_offset_s);
        let peak = peak.name();
        let peak = in_language(&peak, language);
        let goes_on = if zh { "持续中" } else { "still active" };
        let end = end.map_or_else(|| goes_on.to_owned(), moment);
        format!("{} – {end}, {peak}", moment(begin))
    };
    let unknown = if zh { "未曾记录" } else { "not known" };
    let not = if zh { "按后补数据，未发生" } else { "by late data it did not happen" };
    let before = course(corrected.before, unknown);
    line(out, if zh { "原记录" } else { "As told" }, &before);
    line(out, if zh { "更正为" } else { "Corrected to" }, &course(corrected.after, not));
}

fn measured(out: &mut String, message: &Message, language: Language) {
    let Some(said) = &message.said else {
        return;
    };
    let zh = language == Language::Zh;
    let unit = said.unit.as_str();
    let unknown = if zh { "未知" } else { "unknown" };
    let number = |value: Option<f64>| {
        value.map_or_else(|| unknown.to_owned(), |value| format!("{} {unit}", self::number(value)))
    };
    let (value, limit) = (number(said.value), number(said.limit));
    let (rule, channel) = (&said.rule, &said.channel);
    let (label, text) = if zh {
        ("浓度", format!("报警时 {value}，限值 {limit}（规则 {rule}，测点 {channel}）"))
    } else {
        ("Measured", format!("{value} at the alarm, limit {limit} (rule {rule}, point {channel})"))
    };
    line(out, label, &text);
    let count = message.alarms;
    if count > 1 {
        let text = if zh { format!("{count} 条") } else { count.to_string() };
        line(out, if zh { "报警数" } else { "Alarms" }, &text);
    }
}

fn state(message: &Message, kind: MessageKind, language: Language) -> &'static str {
    let (zh, en) = match kind {
        // A drill ends without anybody who acknowledged.
        MessageKind::AllClear if matches!(message.show, Show::Exercise(_)) => {
            ("演练中的预警已结束", "over, in the exercise")
        }
        MessageKind::AllClear => ("已解除，值班人员已确认", "over, and acknowledged on site"),
        MessageKind::Cancel => ("误报，现予撤销", "told in error, cancelled"),
        MessageKind::Acknowledged => ("值班人员已确认", "acknowledged on site"),
        MessageKind::Correction => (
            "仅更正过去的记录，不是新的报警",
            "this changes the record of the past, it is no new alarm",
        ),
        _ if message.is_active => ("报警持续中", "the alarm goes on"),
        _ => ("已低于限值，尚未确认解除", "below the limit, not confirmed as over"),
    };
    if language == Language::Zh { zh } else { en }
}

/// What to do, one act a line; empty where no card says it.
pub fn instruction(message: &Message, language: Language) -> String {
    let mut out = String::new();
    for (n, action) in (1..).zip(&message.actions) {
        let _written = writeln!(out, "{n}. {}", in_language(action, language));
    }
    out.trim_end().to_owned()
}

/// Whether there is anything to do: not about what is over, was a mistake or is past.
pub(crate) const fn tells_what_to_do(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::Alert | MessageKind::Update | MessageKind::Acknowledged)
}

/// Who to call; empty where nobody is named.
pub fn contact(message: &Message, language: Language) -> String {
    let and = if language == Language::Zh { "；" } else { "; " };
    let one = |call: &siskin_model::notify::Call| {
        let mut words = vec![call.who.clone()];
        words.extend(call.phones.iter().cloned());
        words.join(" ")
    };
    message.call.iter().map(one).collect::<Vec<_>>().join(and)
}

/// Everything as one text for a robot or a mail.
pub fn whole(message: &Message, kind: MessageKind, languages: &[Language]) -> String {
    let mut parts = Vec::with_capacity(languages.len());
    for &language in languages {
        let zh = language == Language::Zh;
        let mut out = headline(message, kind, language) + "\n";
        out.push_str(&description(message, kind, language));
        let acts = instruction(message, language);
        if !acts.is_empty() && tells_what_to_do(kind) {
            out.push_str(if zh { "处置：\n" } else { "What to do:\n" });
            out.push_str(&acts);
            out.push('\n');
        }
        let contact = contact(message, language);
        if !contact.is_empty() {
            line(&mut out, if zh { "联系" } else { "Call" }, &contact);
        }
        parts.push(out.trim_end().to_owned());
    }
    parts.join("\n\n")
}

fn line(out: &mut String, label: &str, text: &str) {
    // A colon of either language's own width.
    let colon = if label.is_ascii() { ": " } else { "：" };
    let _written = writeln!(out, "{label}{colon}{text}");
}

/// A number without needless digits: three behind the point, six below one.
pub fn number(value: f64) -> String {
    let text = if value.abs() >= 1.0 { format!("{value:.3}") } else { format!("{value:.6}") };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2026-11-29 20:15:03 +08:00`.
pub fn local(at: Timestamp, utc_offset_s: i32) -> String {
    let (moment, offset) = parts(at, utc_offset_s);
    format!("{} {offset}", moment.replace('T', " "))
}

/// `2026-11-29T20:15:03` and `+08:00`.
pub(crate) fn parts(at: Timestamp, utc_offset_s: i32) -> (String, String) {
    let text = at.rfc3339(utc_offset_s);
    let moment = text.get(..19).unwrap_or(&text).to_owned();
    let offset = text.get(23..).unwrap_or("+00:00").to_owned();
    (moment, offset)
}

#[cfg(test)]
pub(crate) mod tests {
    use siskin_model::notify::{Call, Geo, Said};
    use siskin_model::{AreaId, GasId, RuleId, Tier, Unit, WarningId};

    use super::*;

    pub(crate) fn message() -> Message {
        let at = |s: i64| Timestamp::from_millis(1_796_000_000_000 + s * 1000);
        Message {
            warning: WarningId::from_text("tank-farm.chlorine.20261129T121503.000Z"),
            transition: 1,
            kind: MessageKind::Alert,
            show: Show::Real,
            site: "demo-park".to_owned(),
            site_name: Text::new("示范园区", "Demo Park"),
            utc_offset_s: 28_800,
            gas: GasId::new("chlorine").unwrap(),
            gas_name: Text::new("氯气", "Chlorine"),
            cas: Some("7782-50-5".to_owned()),
            area: AreaId::new("tank-farm").unwrap(),
            area_name: Text::new("罐区", "Tank farm"),
            geo: Some(Geo {
                corners: vec![(37.9, 112.5), (37.9, 112.51), (37.91, 112.51)],
                circle: (37.905, 112.505, 700.0),
            }),
            tier: Tier::Red,
            tier_peak: Tier::Red,
            raised_at: at(0),
            at: at(0),
            made_at: at(2),
            said: Some(Said {
                rule: RuleId::new("chlorine-red").unwrap(),
                channel: "at-101-cl2".to_owned(),
                value: Some(3.2),
                limit: Some(1.0),
                unit: Unit::Ppm,
                since: at(0),
            }),
            is_active: true,
            is_acknowledged: false,
            reason: None,
            corrected: None,
            alarms: 2,
            rules_version: Some(4),
            actions: vec![
                Text::new("撤离下风向人员", "Clear the downwind side"),
                Text::new("关阀 <V-1> & 喷淋", "Shut <V-1> & spray"),
            ],
            call: vec![Call { who: "值班室".to_owned(), phones: vec!["0351-8101".to_owned()] }],
        }
    }

    fn check(message: &Message, kind: MessageKind, language: Language, expected: &str) {
        assert_eq!(whole(message, kind, &[language]), expected);
    }

    #[test]
    fn an_alert_says_place_gas_value_limit_since_acts_and_whom_to_call() {
        check(
            &message(),
            MessageKind::Alert,
            Language::Zh,
            "示范园区罐区发布氯气红色预警（I级）\n\
             级别：红色预警（I级）\n\
             地点：示范园区 罐区\n\
             气体：氯气（CAS 7782-50-5）\n\
             浓度：报警时 3.2 ppm，限值 1 ppm（规则 chlorine-red，测点 at-101-cl2）\n\
             报警数：2 条\n\
             开始时间：2026-11-30 08:53:20 +08:00\n\
             现状：报警持续中\n\
             编号：tank-farm.chlorine.20261129T121503.000Z.1\n\
             处置：\n\
             1. 撤离下风向人员\n\
             2. 关阀 <V-1> & 喷淋\n\
             联系：值班室 0351-8101",
        );
        check(
            &message(),
            MessageKind::Alert,
            Language::En,
            "Red warning (grade I): Chlorine in Tank farm, Demo Park\n\
             Tier: Red warning (grade I)\n\
             Place: Demo Park Tank farm\n\
             Gas: Chlorine (CAS 7782-50-5)\n\
             Measured: 3.2 ppm at the alarm, limit 1 ppm (rule chlorine-red, point at-101-cl2)\n\
             Alarms: 2\n\
             Since: 2026-11-30 08:53:20 +08:00\n\
             Now: the alarm goes on\n\
             Number: tank-farm.chlorine.20261129T121503.000Z.1\n\
             What to do:\n\
             1. Clear the downwind side\n\
             2. Shut <V-1> & spray\n\
             Call: 值班室 0351-8101",
        );
    }

    #[test]
    fn what_is_not_known_is_said_to_be_so_and_a_drill_says_so_first() {
        let mut drill = message();
        drill.show = Show::Exercise("drill-7".to_owned());
        let said = drill.said.as_mut().unwrap();
        (said.value, said.limit) = (None, None);
        let zh = whole(&drill, MessageKind::Update, &[Language::Zh]);
        assert!(zh.starts_with("【演练】") && zh.contains("演练编号：drill-7"), "{zh}");
        assert!(zh.contains("报警时 未知，限值 未知"), "{zh}");
        drill.show = Show::Test;
        let en = whole(&drill, MessageKind::AllClear, &[Language::En]);
        assert!(en.starts_with("[TEST] ") && !en.contains("What to do"), "{en}");
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        for (value, expected) in
            [(1.0, "1"), (3.2, "3.2"), (0.05, "0.05"), (1234.5678, "1234.568"), (0.0, "0")]
        {
            assert_eq!(number(value), expected);
        }
    }
}
