//! What holds for any text: no panic, every problem with a place and a hint, tiers that rise.

use std::fmt::Write as _;

use proptest::prelude::*;
use siskin_config::{Inputs, load};

use crate::broken;

/// A small sound site: the broken one without its fault.
fn sound() -> Inputs {
    let mut inputs = broken::inputs("silence-unseen");
    let rules = inputs.site.iter_mut().find(|file| file.path == "rules/chlorine.toml").unwrap();
    rules.text.push_str(
        "\n[[rule]]\nid = \"no-data\"\nname = { zh = \"无\", en = \"None\" }\n\
         kind = \"no-data\"\nall = true\nafter_s = 30\nsource = \"made for tests\"\n",
    );
    inputs
}

/// A ladder of yellow, orange and red at these set points, in the rules' unit.
fn ladder(raise_at: [f64; 3]) -> Inputs {
    let mut inputs = sound();
    let rules = inputs.site.iter_mut().find(|file| file.path == "rules/chlorine.toml").unwrap();
    rules.text = rules.text.replace("cl2-red", "cl2-far").replace("20.0", "50.0");
    for (tier, raise_at) in ["yellow", "orange", "red"].into_iter().zip(raise_at) {
        writeln!(
            rules.text,
            "\n[[rule]]\nid = \"cl2-{tier}\"\nname = {{ zh = \"氯\", en = \"Cl\" }}\n\
             kind = \"threshold\"\ngas = \"chlorine\"\ntier = \"{tier}\"\nunit = \"ppm\"\n\
             raise_at = {raise_at:?}\nclear_below = 0.5\nsource = \"made for tests\"",
        )
        .unwrap();
    }
    inputs
}

/// What is put into a text to break it.
const SCRAPS: [&str; 10] = ["", "\"", "[", "]]", "=", "nan", "-1", "罐", "\n[[rule]]\n", "1e400"];

#[test]
fn the_sound_site_is_sound() {
    let settings = load(&sound()).unwrap_or_else(|report| panic!("{}", report.render()));
    assert_eq!(settings.site.channels.len(), 1);
    load(&ladder([1.0, 2.0, 3.0])).unwrap();
}

/// `count` boolean rules, each of which looks at the one before.
fn chain(count: usize) -> Inputs {
    let mut inputs = sound();
    let rules = inputs.site.iter_mut().find(|file| file.path == "rules/chlorine.toml").unwrap();
    for link in 0..count {
        let before = link.checked_sub(1).map_or("cl2-red".to_owned(), |b| format!("link-{b}"));
        writeln!(
            rules.text,
            "\n[[rule]]\nid = \"link-{link}\"\nname = {{ zh = \"氯\", en = \"Cl\" }}\n\
             kind = \"boolean\"\ngas = \"chlorine\"\ntier = \"red\"\nwhen = \"{before}\"\n\
             source = \"made for tests\"",
        )
        .unwrap();
    }
    inputs
}

#[test]
fn a_chain_of_rules_has_a_limit() {
    load(&chain(64)).unwrap();
    let report = load(&chain(65)).unwrap_err();
    let messages: Vec<_> = report.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages, ["rule `link-64` looks at rules that look at rules, more than 64 deep"]);
}

proptest! {
    #[test]
    fn a_damaged_text_never_panics_and_always_says_where(
        file in 0..4usize,
        at in 0.0..1.0f64,
        removed in 0..12usize,
        scrap in prop::sample::select(&SCRAPS[..]),
    ) {
        let mut inputs = sound();
        let index = file % inputs.site.len();
        let text = &mut inputs.site[index].text;
        let chars: Vec<char> = text.chars().collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a short length"
        )]
        let from = (at * chars.len() as f64) as usize;
        let to = (from + removed).min(chars.len());
        let (head, tail) = (chars[..from].iter(), chars[to..].iter());
        *text = head.copied().chain(scrap.chars()).chain(tail.copied()).collect();
        if let Err(report) = load(&inputs) {
            prop_assert!(!report.problems.is_empty());
            for problem in &report.problems {
                prop_assert!(!problem.spots.is_empty() && !problem.hint.is_empty());
            }
            prop_assert!(report.render().contains("help: "));
        }
    }

    #[test]
    fn a_ladder_loads_exactly_when_it_rises(
        steps in prop::array::uniform3(1..12u32),
    ) {
        let rises = steps[0] < steps[1] && steps[1] < steps[2];
        // `cl2-far` is red at 50 ppm: a red rule above the others never breaks the ladder.
        let loaded = load(&ladder(steps.map(f64::from)));
        prop_assert_eq!(loaded.is_ok(), rises);
        if let Err(report) = loaded {
            let named = |id: &str| report.problems.iter().any(|p| p.message.contains(id));
            prop_assert!(named("cl2-yellow") || named("cl2-orange"));
        }
    }
}
