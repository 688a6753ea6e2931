//! Duty over a real ledger, at a time that the tests say.

use siskin_api::contract::HandOverSummaryView;
use siskin_model::{AreaScope, Role};

use super::*;
use crate::files::demo_park;

/// Midnight of 2026-12-01 in a park eight hours east.
const MIDNIGHT_MS: i64 = 1_796_054_400_000;

struct Park {
    settings: Settings,
    ledger: Ledger,
    _dir: tempfile::TempDir,
}

fn who(name: &str) -> Who {
    Who { name: name.to_owned(), role: Role::Operator, areas: AreaScope::All }
}

impl Park {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = siskin_config::load(&demo_park());
        let settings = settings.unwrap_or_else(|report| panic!("{}", report.render()));
        let park = Self { settings, ledger: Ledger::open(dir.path()).unwrap(), _dir: dir };
        for (id, name) in [("li", "李雷"), ("han", "韩梅梅"), ("wang", "王芳")] {
            let id = ContactId::new(id).unwrap();
            let request = ContactRequest {
                name: name.to_owned(),
                organisation: String::new(),
                phones: vec!["8101".to_owned()],
                email: None,
                note: String::new(),
                account: None,
            };
            park.at(0, 0).put_contact(&who("admin"), &id, &request).unwrap();
        }
        park
    }

    fn at(&self, hours: i64, minutes: i64) -> Desk<'_> {
        let now = Timestamp::from_millis(MIDNIGHT_MS + hours * 3_600_000 + minutes * 60_000);
        Desk { settings: &self.settings, ledger: &self.ledger, now }
    }

    fn notices(&self, hours: i64, minutes: i64) -> Vec<String> {
        let duty = self.at(hours, minutes).duty().unwrap();
        let kind = |one: &siskin_api::contract::DutyNoticeView| {
            format!("{} {}", one.kind, one.role.as_deref().unwrap_or_default())
        };
        duty.notices.iter().map(kind).collect()
    }
}

fn import(desk: &Desk<'_>, rows: &str, reason: &str) -> Result<RosterDifferenceView, BackendError> {
    let text = format!("from,to,role,person\n{rows}");
    let request = RosterImportRequest { text, dry_run: false, reason: reason.to_owned() };
    desk.import(&who("admin"), &request)
}

const FIRST: &str = "2026-12-01 08:00,2026-12-01 20:00,operator,李雷\n";
const SECOND: &str = "2026-12-01 20:00,2026-12-05 08:00,operator,韩梅梅\n";
const LEADER: &str = "2026-11-30 08:00,2026-12-05 08:00,leader,王芳\n";

#[test]
fn a_gap_is_told_before_it_begins_and_a_roster_closes_it() {
    let park = Park::new();
    assert_eq!(park.notices(0, 0), ["gap operator", "gap leader"]);
    let dry = RosterImportRequest {
        text: format!("from,to,role,person\n{FIRST}{SECOND}"),
        dry_run: true,
        reason: String::new(),
    };
    let said = park.at(0, 0).import(&who("admin"), &dry).unwrap();
    assert_eq!((said.applied, said.added.len()), (false, 2));
    assert_eq!(park.notices(0, 0), ["gap operator", "gap leader"]);
    import(&park.at(0, 0), &format!("{FIRST}{SECOND}"), "").unwrap();
    import(&park.at(-30, 0), LEADER, "").unwrap();
    assert_eq!(park.notices(0, 0), ["gap operator"]);
    assert_eq!(park.notices(9, 0), [""; 0]);
    let duty = park.at(9, 0).duty().unwrap();
    let operator = &duty.desks[0];
    assert_eq!((operator.people[0].name.as_str(), operator.there), ("李雷", 1));
    assert_eq!(operator.next_change.as_deref(), Some("2026-12-01T20:00:00.000+08:00"));
}

#[test]
fn the_past_is_changed_with_a_reason_only() {
    let park = Park::new();
    import(&park.at(0, 0), FIRST, "").unwrap();
    let other = FIRST.replace("李雷", "王芳");
    let refused = import(&park.at(21, 0), &other, "");
    let Err(BackendError::Duty(DutyFault::Past { report })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(report.lines().count(), 2);
    let done = import(&park.at(21, 0), &other, "王芳 was there, by the gate's record").unwrap();
    assert!(done.applied && done.past.len() == 2);
    let shifts = park.at(0, 0).shifts(park.at(0, 0).now, park.at(24, 0).now).unwrap();
    assert_eq!(shifts.len(), 1);
    assert_eq!(shifts[0].person, "wang");
}

#[test]
fn who_comes_instead_is_on_duty_from_then_on() {
    let park = Park::new();
    import(&park.at(0, 0), FIRST, "").unwrap();
    let shift = park.at(0, 0).shifts(park.at(0, 0).now, park.at(24, 0).now).unwrap().remove(0);
    let request = |from_ms| SubstitutionRequest {
        shift: shift.id.clone(),
        person: "wang".to_owned(),
        from_ms,
        to_ms: None,
        note: String::new(),
    };
    let past = park.at(12, 0).substitute(&who("li"), &request(Some(MIDNIGHT_MS)));
    assert!(matches!(past, Err(BackendError::Duty(DutyFault::SubstitutionOutside))), "{past:?}");
    let after = park.at(12, 0).substitute(&who("li"), &request(None)).unwrap();
    assert_eq!(after.substitutions.len(), 1);
    let there = |hours| park.at(hours, 0).duty().unwrap().desks[0].people[0].id.clone();
    assert_eq!((there(11), there(12)), ("li".to_owned(), "wang".to_owned()));
    let needed = park.at(13, 0).end_contact(&who("admin"), &ContactId::new("wang").unwrap());
    assert!(matches!(needed, Err(BackendError::Duty(DutyFault::ContactNeeded(_)))), "{needed:?}");
}

#[test]
fn a_hand_over_takes_two_and_is_told_until_it_is_heard() {
    let park = Park::new();
    import(&park.at(0, 0), &format!("{FIRST}{SECOND}"), "").unwrap();
    import(&park.at(-30, 0), LEADER, "").unwrap();
    assert_eq!(park.notices(19, 30), ["hand-over-due operator"]);
    assert_eq!(park.notices(20, 15), ["hand-over-not-begun operator"]);
    let request =
        HandOverRequest { role: "operator".to_owned(), position: None, note: "泵 3".to_owned() };
    let summary = HandOverSummaryView::default();
    let begun = park.at(19, 50).begin_handover(&who("li"), &request, summary).unwrap();
    assert_eq!(begun.relief_at, "2026-12-01T20:00:00.000+08:00");
    assert_eq!(park.notices(20, 14), [""; 0]);
    assert_eq!(park.notices(20, 15), ["hand-over-not-acknowledged operator"]);
    let hear = |name: &str| park.at(20, 20).acknowledge_handover(&who(name), begun.number, "好");
    let same = hear("li");
    assert!(matches!(same, Err(BackendError::Duty(DutyFault::SamePerson { .. }))), "{same:?}");
    assert_eq!(hear("han").unwrap().acknowledged_by.as_deref(), Some("han"));
    let again = hear("wang");
    assert!(matches!(again, Err(BackendError::Duty(DutyFault::HandOverDone { .. }))), "{again:?}");
    assert_eq!(park.notices(20, 30), [""; 0]);
}

#[test]
fn a_card_says_whom_to_call() {
    let cards = Park::new().at(0, 0).cards().unwrap();
    let chlorine = cards.iter().find(|card| card.gas == "chlorine").unwrap();
    let control_room = &chlorine.contacts[0];
    assert!(chlorine.is_template);
    assert_eq!(control_room.phones, ["8101"]);
}

fn of_another_area<T: std::fmt::Debug>(done: &Result<T, BackendError>) {
    assert!(matches!(done, Err(BackendError::OtherArea(_))), "{done:?}");
}

#[test]
fn a_position_is_of_those_who_act_in_one_of_its_areas() {
    let mut park = Park::new();
    let area = |id: &str| siskin_model::AreaId::new(id).unwrap();
    let desk = |id: &str, areas: &[&str]| siskin_model::life::Desk {
        id: id.to_owned(),
        name: siskin_model::Text { zh: id.to_owned(), en: id.to_owned() },
        areas: areas.iter().map(|id| area(id)).collect(),
    };
    park.settings.site.life.desks = vec![desk("farm", &["chlorine-tank-farm"]), desk("rest", &[])];
    let one = |name: &str, id: &str| Who { areas: AreaScope::Some([area(id)].into()), ..who(name) };
    let (farmer, other) = (one("li", "chlorine-tank-farm"), one("han", "coal-gasification"));
    let begin = |who: &Who, position: Option<&str>| {
        let position = position.map(str::to_owned);
        let request =
            HandOverRequest { role: "operator".to_owned(), position, note: String::new() };
        park.at(19, 50).begin_handover(who, &request, HandOverSummaryView::default())
    };
    of_another_area(&begin(&other, Some("farm")));
    of_another_area(&begin(&farmer, Some("rest")));
    begin(&other, Some("rest")).unwrap();
    begin(&other, None).unwrap();
    begin(&other, Some("unheard-of")).unwrap();
    let number = begin(&farmer, Some("farm")).unwrap().number;
    of_another_area(&park.at(20, 0).acknowledge_handover(&other, number, ""));
    park.at(20, 0).acknowledge_handover(&who("wang"), number, "").unwrap();

    let text = "from,to,role,position,person\n\
                2026-12-02 08:00,2026-12-02 20:00,operator,farm,李雷\n";
    let roster =
        RosterImportRequest { text: text.to_owned(), dry_run: false, reason: String::new() };
    let shift = park.at(0, 0).import(&who("admin"), &roster).unwrap().added[0].id.clone();
    let (person, note) = ("wang".to_owned(), String::new());
    let request = SubstitutionRequest { shift, person, from_ms: None, to_ms: None, note };
    of_another_area(&park.at(1, 0).substitute(&other, &request));
    park.at(1, 0).substitute(&farmer, &request).unwrap();
}
