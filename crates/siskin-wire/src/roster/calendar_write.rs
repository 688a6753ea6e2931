//! Shifts as an iCalendar file that other programs show and [`super::read`] reads back.

use jiff::tz::Offset;
use siskin_model::duty::{Contact, Desk, Shift};
use siskin_model::{ContactId, Timestamp};

use super::calendar::{PERSON, POSITION, ROLE, SUBSTITUTES};

/// The longest line, in bytes without its end (RFC 5545 section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// A calendar with an event for each shift, moments in UTC. `made_at` is its stamp, which the
/// standard asks for.
pub fn to_calendar(shifts: &[Shift], contacts: &[Contact], made_at: Timestamp) -> String {
    let mut out = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Siskin//roster//EN"] {
        put(&mut out, line);
    }
    for shift in shifts {
        event(&mut out, shift, contacts, made_at);
    }
    put(&mut out, "END:VCALENDAR");
    out
}

fn event(out: &mut String, shift: &Shift, contacts: &[Contact], made_at: Timestamp) {
    let Desk { role, position } = &shift.desk;
    let name = |id: &ContactId| {
        let contact = contacts.iter().find(|contact| contact.id == *id);
        escaped(contact.map_or(id.as_str(), |contact| contact.name.as_str()))
    };
    let named: Vec<String> =
        [&shift.person].into_iter().chain(&shift.substitutes).map(name).collect();
    put(out, "BEGIN:VEVENT");
    put(out, &format!("UID:{}@siskin", shift.id()));
    put(out, &format!("DTSTAMP:{}", utc(made_at)));
    put(out, &format!("DTSTART:{}", utc(shift.from)));
    put(out, &format!("DTEND:{}", utc(shift.to)));
    put(out, &format!("SUMMARY:{}: {}", shift.desk, named.join("\\; ")));
    put(out, &format!("CATEGORIES:{role}"));
    put(out, &format!("{ROLE}:{role}"));
    if let Some(position) = position {
        put(out, &format!("{POSITION}:{position}"));
    }
    put(out, &format!("{PERSON}:{}", shift.person));
    if !shift.substitutes.is_empty() {
        let ids: Vec<&str> = shift.substitutes.iter().map(ContactId::as_str).collect();
        put(out, &format!("{SUBSTITUTES}:{}", ids.join("\\;")));
    }
    put(out, "END:VEVENT");
}

/// One line, folded between characters.
fn put(out: &mut String, line: &str) {
    let mut room = LINE_BYTES_MAX;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            // The space counts.
            room = LINE_BYTES_MAX - 1;
        }
        room -= c.len_utf8();
        out.push(c);
    }
    out.push_str("\r\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `20261201T000000Z`, in whole seconds as every shift is.
fn utc(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.as_millis());
    let civil = Offset::UTC.to_datetime(moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH));
    let (date, time) = (civil.date(), civil.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
