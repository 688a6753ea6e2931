//! Whom a step of a ladder reached, in words for people.

use siskin_api::contract::{CallView, CalledPersonView, TextView};
use siskin_model::duty::{Call, CallFound, CalledPerson};
use siskin_model::{WarningChange, WarningEvent};

/// The call as it goes out.
pub(crate) fn view(call: &Call, offset_s: i32) -> CallView {
    CallView {
        to: call.to.clone(),
        at: call.at.rfc3339(offset_s),
        found: call.found.as_str().to_owned(),
        is_gap: call.found.is_gap(),
        text: text(call),
        people: call.people.iter().map(person).collect(),
        by: call.by.clone(),
    }
}

/// Whom the step of an event reached; none of other events.
pub(crate) fn of(event: &WarningEvent, offset_s: i32) -> Option<CallView> {
    let passing = event.warning.passing.as_ref();
    let passing = passing.filter(|_| event.change == WarningChange::PassedOn)?;
    // Several steps at once are events of their own: each says its newest.
    passing.calls.last().map(|call| view(call, offset_s))
}

fn person(person: &CalledPerson) -> CalledPersonView {
    let CalledPerson { id, name, phone } = person;
    CalledPersonView { id: id.to_string(), name: name.clone(), phone: phone.clone() }
}

/// How it came out, in both languages. Names are not in it: who may not see the contact book still
/// sees that somebody was called, or that there is a gap.
pub(crate) fn text(call: &Call) -> TextView {
    let to = &call.to;
    let (zh, en) = match call.found {
        CallFound::OnDuty => {
            let en = format!("passed on to {to}: on duty by the roster");
            return TextView { zh: format!("已升级至 {to}：按排班呼叫当班人员"), en };
        }
        CallFound::Substitute => ("值班人不在通讯录中，改呼替班人", "a substitute was called"),
        CallFound::Leader => ("改呼带班领导", "the leader on duty was called"),
        CallFound::EverybodyOfRole => ("改呼该岗位全体人员", "everybody of the role was called"),
        CallFound::AnybodyOnDuty => ("改呼其他当班人员", "whoever is on duty was called"),
        CallFound::Nobody => {
            ("排班表中无人可呼叫，请立即指派", "nobody can be called, find somebody")
        }
        CallFound::Unreadable => {
            ("排班表无法读取，请立即联系", "the roster cannot be read, call them")
        }
    };
    TextView {
        zh: format!("升级至 {to} 时排班无人：{zh}"),
        en: format!("nobody is on the roster for {to}: {en}"),
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::Timestamp;

    use super::*;

    fn check(found: CallFound, zh: &str, en: &str) {
        let at = Timestamp::from_millis(0);
        let said = text(&Call { to: "leader".to_owned(), at, found, people: Vec::new(), by: None });
        assert!(said.zh.contains(zh), "{}", said.zh);
        assert!(said.en.contains(en), "{}", said.en);
        assert_eq!(found.is_gap(), said.en.starts_with("nobody is on the roster"));
    }

    #[test]
    fn a_gap_says_so_in_both_languages_and_what_was_done_instead() {
        check(CallFound::OnDuty, "按排班", "by the roster");
        check(CallFound::Substitute, "替班人", "a substitute");
        check(CallFound::Leader, "排班无人：改呼带班领导", "for leader: the leader on duty");
        check(CallFound::EverybodyOfRole, "全体人员", "everybody of the role");
        check(CallFound::AnybodyOnDuty, "其他当班人员", "whoever is on duty");
        check(CallFound::Nobody, "立即指派", "find somebody");
        check(CallFound::Unreadable, "无法读取", "cannot be read");
    }
}
