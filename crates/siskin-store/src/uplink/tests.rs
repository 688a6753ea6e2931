//! The order of messages, their QNs, their ends, and what outlives the program.

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_881_600_000);

fn book() -> (tempfile::TempDir, UplinkBook) {
    let dir = tempfile::tempdir().unwrap();
    let book = UplinkBook::open(dir.path()).unwrap();
    (dir, book)
}

fn draft(kind: UplinkKind, cause: UplinkCause, due_s: i64) -> (UplinkDraft, Timestamp) {
    let due_at = NOW.plus_ms(due_s * 1000);
    let cp = format!("{}/{due_s}", kind.as_str());
    (UplinkDraft { kind, cause, data_time: due_at, part: (1, 1), cp }, due_at)
}

#[test]
fn what_is_due_goes_first_then_what_was_asked_for_then_the_past() {
    use UplinkCause::{Asked, Due};
    use UplinkKind::{Day, Minute, RealTime};
    let (_dir, book) = book();
    let drafts = [
        draft(RealTime, Due, -4000),
        draft(RealTime, Due, -30),
        draft(RealTime, Due, 0),
        draft(Minute, Due, 0),
        draft(Day, Due, -5000),
        draft(Minute, Asked, -90_000),
        draft(Minute, Asked, -80_000),
    ];
    book.queue("a", &drafts, None, NOW).unwrap();
    book.queue("b", &drafts[..1], None, NOW).unwrap();
    let mut order = Vec::new();
    while let Some(next) = book.next("a", NOW).unwrap() {
        book.sent(next.id, NOW).unwrap();
        assert_eq!(book.next("a", NOW).unwrap().unwrap().id, next.id, "until it is answered");
        book.ended(next.id, UplinkState::Accepted, "9014", NOW).unwrap();
        order.push(next.draft.cp);
    }
    let want = [
        "real-time/0",
        "minute/0",
        "real-time/-30",
        "minute/-90000",
        "minute/-80000",
        "real-time/-4000",
        "day/-5000",
    ];
    assert_eq!(order, want);
    assert!(book.next("b", NOW).unwrap().is_some());
}

#[test]
fn no_two_messages_have_one_qn_whatever_the_clock_does() {
    let (dir, book) = book();
    let draft = draft(UplinkKind::Hour, UplinkCause::Due, 0);
    let mut qns = Vec::new();
    for now in [NOW, NOW, NOW.plus_ms(-5000), NOW.plus_ms(10)] {
        let ids = book.queue("a", &[draft.clone(), draft.clone()], None, now).unwrap();
        assert_eq!(ids.len(), 2);
        qns.push(book.qn("a", now).unwrap());
    }
    qns.extend(book.receipts("a", None, None, 100).unwrap().iter().map(|one| one.qn));
    qns.sort();
    qns.dedup();
    assert_eq!(qns.len(), 12);
    drop(book);
    let book = UplinkBook::open(dir.path()).unwrap();
    assert!(book.qn("a", NOW.plus_ms(-1_000_000)).unwrap() > *qns.last().unwrap());
}

#[test]
fn a_cursor_moves_with_its_messages_and_counts_what_was_passed_over() {
    let (_dir, book) = book();
    let kind = UplinkKind::Hour;
    assert_eq!(book.cursor("a", kind).unwrap(), None);
    for skipped in [0, 3, 4] {
        let cursor = UplinkCursor { kind, upto: NOW.plus_ms(7), skipped };
        book.queue("a", &[], Some(cursor), NOW).unwrap();
    }
    assert_eq!(book.cursor("a", kind).unwrap(), Some(NOW.plus_ms(7)));
    assert_eq!(book.cursor("a", UplinkKind::Day).unwrap(), None);
    assert_eq!(book.cursor("b", kind).unwrap(), None);
    assert_eq!(book.summary("a").unwrap().skipped, 7);
}

#[test]
fn what_ended_has_ended() {
    let (_dir, book) = book();
    let one = draft(UplinkKind::Hour, UplinkCause::Due, 0);
    let ids = book.queue("a", &[one.clone(), one], None, NOW).unwrap();
    book.sent(ids[0], NOW.plus_ms(5)).unwrap();
    book.sent(ids[0], NOW.plus_ms(6)).unwrap();
    book.ended(ids[0], UplinkState::Accepted, "9014", NOW.plus_ms(7)).unwrap();
    // A second answer, or a try that was late, changes nothing.
    book.ended(ids[0], UplinkState::Failed, "late", NOW.plus_ms(8)).unwrap();
    book.sent(ids[0], NOW.plus_ms(9)).unwrap();
    let kept = book.receipts("a", Some(UplinkState::Accepted), None, 9).unwrap();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((kept.tries, kept.answer.as_deref()), (2, Some("9014")));
    assert_eq!((kept.sent_at, kept.ended_at), (Some(NOW.plus_ms(6)), Some(NOW.plus_ms(7))));
    assert_eq!(book.of_qn("a", kept.qn).unwrap().as_ref(), Some(kept));
    let summary = book.summary("a").unwrap();
    assert_eq!((summary.open, summary.accepted, summary.failed), (1, 1, 0));
    assert_eq!(summary.oldest_open_at, Some(NOW));
    assert_eq!(summary.accepted_at, Some(NOW.plus_ms(7)));
}

#[test]
fn the_oldest_are_given_up_and_the_old_ones_deleted() {
    let (_dir, book) = book();
    let drafts: Vec<_> =
        (0..10).map(|s| draft(UplinkKind::RealTime, UplinkCause::Due, s)).collect();
    book.queue("a", &drafts, None, NOW).unwrap();
    let asked = draft(UplinkKind::Hour, UplinkCause::Asked, 0);
    book.queue("a", &[asked], None, NOW).unwrap();
    assert_eq!(book.give_up("a", UplinkKind::RealTime, 4, "too many", NOW).unwrap(), 6);
    assert_eq!(book.give_up("a", UplinkKind::RealTime, 4, "too many", NOW).unwrap(), 0);
    assert_eq!(book.next("a", NOW).unwrap().unwrap().draft.cp, "real-time/9");
    book.fail_asked("a", "the line was cut", NOW.plus_ms(1)).unwrap();
    let summary = book.summary("a").unwrap();
    assert_eq!((summary.open, summary.open_real_time, summary.failed), (4, 4, 7));
    let before = NOW.plus_ms(1);
    let gone: Vec<_> = (0..3).map(|_| book.trim("a", before, 5).unwrap()).collect();
    assert_eq!(gone, [5, 1, 0]);
    // What was deleted still counts.
    assert_eq!(book.summary("a").unwrap().failed, 7);
}

#[test]
fn settings_outlive_the_program() {
    let (dir, book) = book();
    book.set("a", "real_time_s", "30").unwrap();
    book.set("a", "real_time_s", "45").unwrap();
    drop(book);
    let book = UplinkBook::open(dir.path()).unwrap();
    assert_eq!(book.settings("a").unwrap().get("real_time_s").map(String::as_str), Some("45"));
    assert!(book.settings("b").unwrap().is_empty());
}
