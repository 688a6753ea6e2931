//! What a letter asks of a siren.

use super::*;
use crate::mail::tests::letter;

fn siren(off: SirenOff) -> Siren {
    Siren {
        host: "127.0.0.1".to_owned(),
        port: 502,
        unit: 1,
        coil: 0,
        feedback: Feedback::Input(0),
        within_ms: 1000,
        off,
    }
}

fn check(off: SirenOff, (kind, is_active, others_open): (MessageKind, bool, bool), expected: &str) {
    let siren = siren(off);
    let mut letter = letter(Show::Real);
    letter.delivery.kind = kind;
    letter.message.is_active = is_active;
    letter.others_open = others_open;
    let found = match act(&siren, &letter) {
        Act::On => "on",
        Act::Off => "off",
        Act::Try => "try",
        Act::Leave(_) => "leave",
    };
    assert_eq!(found, expected, "{off:?} {kind:?} active {is_active} others {others_open}");
    letter.message.show = Show::Test;
    assert_eq!(act(&siren, &letter), Act::Try);
    letter.message.show = Show::Exercise("d".to_owned());
    assert_ne!(act(&siren, &letter), Act::Try);
}

#[test]
fn a_siren_sounds_while_a_warning_lasts_and_no_longer() {
    use MessageKind::{Alert, AllClear, Cancel, Update};
    let check_all = |off, returned| {
        check(off, (Alert, true, false), "on");
        check(off, (Update, true, true), "on");
        check(off, (Update, false, false), returned);
        check(off, (Update, false, true), "leave");
        check(off, (AllClear, false, false), "off");
        check(off, (AllClear, false, true), "leave");
        check(off, (Cancel, true, false), "off");
        check(off, (Cancel, true, true), "leave");
    };
    check_all(SirenOff::AllClear, "leave");
    check_all(SirenOff::Returned, "off");
    // The first that is heard of a warning sounds, unless it has returned and that ends it.
    check(SirenOff::AllClear, (Alert, false, false), "on");
    check(SirenOff::Returned, (Alert, false, false), "off");
}

#[test]
fn an_acknowledgement_ends_the_sound_of_who_says_so_until_it_rises_again() {
    use MessageKind::{Acknowledged, Alert, Update};
    let check = |off, (kind, is_acknowledged, others_open), expected: &str| {
        let mut letter = letter(Show::Real);
        letter.delivery.kind = kind;
        letter.message.is_active = true;
        letter.message.is_acknowledged = is_acknowledged;
        letter.others_open = others_open;
        let found = match act(&siren(off), &letter) {
            Act::On => "on",
            Act::Off => "off",
            Act::Try => "try",
            Act::Leave(_) => "leave",
        };
        assert_eq!(found, expected, "{off:?} {kind:?} {is_acknowledged} others {others_open}");
    };
    let own = SirenOff::Acknowledged;
    check(own, (Alert, false, false), "on");
    check(own, (Acknowledged, true, false), "off");
    check(own, (Acknowledged, true, true), "leave");
    // A tier that falls after it is no reason to sound, one that rises is.
    check(own, (Update, true, false), "off");
    check(own, (Update, false, false), "on");
    for off in [SirenOff::AllClear, SirenOff::Returned] {
        check(off, (Acknowledged, true, false), "leave");
        check(off, (Update, true, false), "on");
    }
}

#[test]
fn a_correction_of_the_past_moves_no_siren() {
    for off in [SirenOff::AllClear, SirenOff::Returned, SirenOff::Acknowledged] {
        let mut letter = letter(Show::Real);
        letter.delivery.kind = MessageKind::Correction;
        assert!(matches!(act(&siren(off), &letter), Act::Leave(_)), "{off:?}");
    }
}
