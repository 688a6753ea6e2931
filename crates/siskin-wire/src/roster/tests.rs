//! Rosters as people and other programs write them.

use proptest::prelude::*;

use super::*;

const PARK_S: i32 = 8 * 3_600;

fn contact(id: &str, name: &str) -> Contact {
    Contact {
        id: ContactId::new(id).unwrap(),
        name: name.to_owned(),
        organisation: String::new(),
        phones: vec!["8101".to_owned()],
        email: None,
        note: String::new(),
        account: None,
    }
}

fn book() -> Vec<Contact> {
    vec![
        contact("li-lei", "李雷"),
        contact("han", "韩梅梅"),
        contact("wang-1", "王伟"),
        contact("wang-2", "王伟"),
    ]
}

/// `from to desk person+substitutes`, days and hours in the park.
fn shown(shift: &Shift) -> String {
    let at = |at: Timestamp| {
        let text = at.rfc3339(PARK_S);
        text[5..16].to_owned()
    };
    let people: Vec<&str> =
        [&shift.person].into_iter().chain(&shift.substitutes).map(ContactId::as_str).collect();
    format!("{} {} {} {}", at(shift.from), at(shift.to), shift.desk, people.join("+"))
}

fn shifts(text: &str) -> Result<Vec<Shift>, Vec<RosterProblem>> {
    read(text, PARK_S).and_then(|written| resolve(&written, &book()))
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = shifts(text).map(|shifts| shifts.iter().map(shown).collect::<Vec<_>>());
    assert_eq!(found, Ok(expected.iter().map(ToString::to_string).collect()), "{text}");
}

/// Every refusal as `line words…`: the words must stand in its English text.
#[track_caller]
fn refuses(text: &str, expected: &[(u64, &str)]) {
    let problems = shifts(text).unwrap_err();
    let lines: Vec<u64> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, expected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), "{problems:?}");
    for (problem, (_, says)) in problems.iter().zip(expected) {
        let (en, zh) = (problem.to_string(), problem.zh());
        assert!(en.contains(says) && en.contains("; hint: "), "{en}");
        assert!(zh.contains("提示："), "{zh}");
    }
}

#[test]
fn a_table_may_have_chinese_headers_in_any_order() {
    let table = "\u{FEFF}人员,角色,开始,结束,岗位,替班\r\n\
        李雷,值班员,2026/12/1 8:00,2026/12/1 20:00,east,韩梅梅、wang-1\r\n\
        ,,,,,\r\n\
        han,带班领导,2026-12-01 08:00,2026-12-02 08:00,,\r\n";
    check(
        table,
        &[
            "12-01T08:00 12-01T20:00 operator/east li-lei+han+wang-1",
            "12-01T08:00 12-02T08:00 leader han",
        ],
    );
    check(
        "from,to,role,person\n2026-12-01T00:00:00Z,2026-12-01 20:00,leader,han\n",
        &["12-01T08:00 12-01T20:00 leader han"],
    );
}

#[test]
fn a_table_names_the_line_of_what_is_wrong() {
    refuses("", &[(1, "no shift")]);
    refuses("from,to,role,person\n", &[(1, "no shift")]);
    refuses("from,to,role\n", &[(1, "`person`")]);
    refuses("from,to,role,person,colour\n", &[(1, "`colour`")]);
    refuses("from,to,role,person,姓名\n", &[(1, "`person` is there twice")]);
    let rows = "from,to,role,person,substitutes\n\
        2026-12-01 08:00,2026-12-01 20:00,operator,李雷\n\
        2026-12-01 25:00,2026-12-01 20:00,operator,李雷,\n\
        2026-12-01 08:00,2026-12-01 20:00,罐区,李雷,\n\
        2026-12-01 08:00,2026-12-01 20:00,,李雷,\n\
        2026-12-01 08:00,2026-12-01 20:00,operator,,\n";
    let expected = [(2, "4 fields"), (3, "25:00"), (4, "`罐区`"), (5, "which role"), (6, "nobody")];
    refuses(rows, &expected);
    let rows = "from,to,role,person,substitutes\n\
        2026-12-01 08:00,2026-12-01 20:00,operator,李雪,\n\
        2026-12-01 20:00,2026-12-01 08:00,operator,李雷,\n\
        2026-12-01 08:00,2026-12-21 08:00,operator,李雷,\n\
        2026-12-01 08:00,2026-12-01 20:00,operator,王伟,\n\
        2026-12-01 08:00,2026-12-01 20:00,operator,李雷,li-lei\n\
        2026-12-02 08:00,2026-12-02 20:00,operator,李雷,\n\
        2026-12-02 08:00,2026-12-02 22:00,operator,li-lei,\n";
    refuses(
        rows,
        &[
            (2, "`李雪`"),
            (3, "does not end after"),
            (4, "7 days"),
            (5, "`wang-1`, `wang-2`"),
            (6, "twice"),
            (8, "already"),
        ],
    );
}

/// A calendar of one event with these lines.
fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
}

#[test]
fn what_other_calendars_write_is_read() {
    check(
        &event(
            "DTSTART;TZID=Asia/Shanghai:20261201T200000\nDTEND;TZID=\"China Standard Time\":\
             20261202T080000\nSUMMARY:operator/east： 李雷； 韩梅梅",
        ),
        &["12-01T20:00 12-02T08:00 operator/east li-lei+han"],
    );
    // A whole day, the role as a category, an alarm inside.
    check(
        &event(
            "DTSTART;VALUE=DATE:20261201\nCATEGORIES:leader,red\nSUMMARY:韩梅梅\n\
             BEGIN:VALARM\nDTSTART:nonsense\nEND:VALARM",
        ),
        &["12-01T00:00 12-02T00:00 leader han"],
    );
    check(
        &event("DTSTART:20261201T000000Z\nDURATION:PT12H\nSUMMARY:leader: han"),
        &["12-01T08:00 12-01T20:00 leader han"],
    );
    let repeated = event(
        "DTSTART:20261201T080000\nDTEND:20261201T200000\nSUMMARY:leader: han\n\
         RRULE:FREQ=DAILY;COUNT=5\nEXDATE;VALUE=DATE:20261202\nEXDATE:20261203T080000",
    );
    check(
        &repeated,
        &[
            "12-01T08:00 12-01T20:00 leader han",
            "12-04T08:00 12-04T20:00 leader han",
            "12-05T08:00 12-05T20:00 leader han",
        ],
    );
    // One occurrence is moved to another person, one is cancelled.
    let moved = repeated.replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261204T080000\nDTSTART:20261204T090000\n\
         DTEND:20261204T200000\nSUMMARY:leader: 李雷\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261205T080000\nSTATUS:CANCELLED\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:2\nSTATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR",
    );
    check(&moved, &["12-01T08:00 12-01T20:00 leader han", "12-04T09:00 12-04T20:00 leader li-lei"]);
}

#[test]
fn a_calendar_names_the_line_of_what_is_wrong() {
    const WHEN: &str = "DTSTART:20261201T080000\nDTEND:20261201T200000";
    refuses("BEGIN:VCALENDAR\nEND:VCALENDAR\n", &[(1, "no shift")]);
    refuses(&event(WHEN), &[(3, "which role")]);
    refuses(&event(&format!("{WHEN}\nSUMMARY:李雷")), &[(7, "which role")]);
    refuses(&event(&format!("{WHEN}\nSUMMARY:operator:")), &[(7, "names nobody")]);
    refuses(&event(&format!("{WHEN}\nSUMMARY:罐区: 李雷")), &[(7, "`罐区`")]);
    let titled = |more: &str| event(&format!("{WHEN}\nSUMMARY:operator: 李雷\n{more}"));
    refuses(&titled("RRULE:FREQ=DAILY"), &[(8, "for ever")]);
    refuses(&titled("RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=2"), &[(9, "twice")]);
    refuses(&titled("RDATE:20261203T080000"), &[(8, "RDATE")]);
    refuses(&titled("EXDATE:tomorrow"), &[(8, "tomorrow")]);
    refuses(&titled("nothing"), &[(8, "`nothing`")]);
    let zone = "DTSTART;TZID=Europe/Berlin:20261201T080000\nDTEND:20261201T200000";
    refuses(&event(zone), &[(5, "Europe/Berlin")]);
    refuses(&event("DTEND:20261201T200000"), &[(3, "DTSTART")]);
    refuses(&event("DTSTART:20261201T200000\nSUMMARY:leader: han"), &[(3, "DTEND")]);
    refuses("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", &[(1, "no end"), (2, "no end"), (2, "DTSTART")]);
    refuses("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", &[(3, "no begin")]);
}

#[test]
fn limits_are_told() {
    let row = |n: usize| {
        let (day, hour) = (1 + n / 24 % 28, n % 24);
        format!("2026-12-{day:02} {hour:02}:00,2026-12-31 00:00,r{n},han\n")
    };
    let rows = (0..=SHIFTS_MAX).map(row).collect::<Vec<_>>().concat();
    let problems = read(&format!("from,to,role,person\n{rows}"), PARK_S).unwrap_err();
    assert_eq!(problems, [RosterFault::TooManyShifts.at(SHIFTS_MAX as u64 + 2)]);
    let large = read(&"x".repeat(ROSTER_BYTES_MAX + 1), PARK_S).unwrap_err();
    assert_eq!(large, [RosterFault::TooLarge(ROSTER_BYTES_MAX + 1).at(1)]);
    let many = "x,x,x,x\n".repeat(PROBLEMS_MAX + 1);
    let problems = read(&format!("from,to,role,person\n{many}"), PARK_S).unwrap_err();
    assert_eq!(problems.len(), PROBLEMS_MAX);
}

prop_compose! {
    fn any_shift()(
        from_min in 0_i64..500_000,
        minutes in 1_i64..10_000,
        role in "[a-z][a-zA-Z0-9_-]{0,20}",
        position in prop::option::of("[a-z0-9][a-z0-9-]{0,20}"),
        people in prop::sample::subsequence(vec!["li-lei", "han", "wang-1", "wang-2"], 1..=4),
    ) -> Shift {
        let from = Timestamp::from_millis(1_796_054_400_000 + from_min * 60_000);
        let mut people = people.into_iter().map(|id| ContactId::new(id).unwrap());
        Shift {
            from,
            to: from.plus_ms(minutes * 60_000),
            desk: Desk {
                role: DutyRoleId::new(&role).unwrap(),
                position: position.map(|p| PositionId::new(&p).unwrap()),
            },
            person: people.next().unwrap(),
            substitutes: people.collect(),
        }
    }
}

/// Texts that begin like calendars.
const CALENDAR_LIKE: &str = "(BEGIN:VEVENT\n|END:VEVENT\n|DTSTART:20261201T080000\n|DTEND:2026\n\
    |RRULE:FREQ=DAILY;COUNT=2\n|SUMMARY:a: b\n|\\PC{0,12}\n|\"|,| |\n){0,20}";

proptest! {
    /// What is written reads back as the same, in both forms.
    #[test]
    fn a_roster_comes_back_as_it_went(
        list in prop::collection::vec(any_shift(), 1..20),
        offset_h in -11_i32..12,
    ) {
        let mut list = list;
        list.sort_by_key(Shift::id);
        list.dedup_by_key(|shift| shift.id());
        let offset_s = offset_h * 3_600;
        let calendar = to_calendar(&list, &book(), Timestamp::from_millis(0));
        prop_assert!(calendar.split("\r\n").all(|line| line.len() <= 75), "{}", calendar);
        for text in [to_csv(&list, offset_s), calendar] {
            let read = read(&text, offset_s).and_then(|written| resolve(&written, &book()));
            prop_assert_eq!(read.as_ref(), Ok(&list), "{}", text);
        }
    }

    /// Whatever comes, it is read or refused with a line that the file has.
    #[test]
    fn anything_is_read_or_refused(
        head in prop::sample::select(vec!["", "BEGIN:VCALENDAR\n", "from,to,role,person\n"]),
        text in CALENDAR_LIKE,
    ) {
        let text = format!("{head}{text}");
        if let Err(problems) = read(&text, PARK_S) {
            let lines = text.matches('\n').count() as u64 + 1;
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
        }
    }
}
