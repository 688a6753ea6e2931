//! "Did you mean": the known word nearest to one that is not known.
//!
//! Only ever words a hint; nothing is corrected by guess.

/// Words less alike than this (Jaro-Winkler, 0..1) are not offered.
const LIKENESS_MIN: f64 = 0.78;
/// A hint lists at most this many known words.
const LISTED_MAX: usize = 12;

/// The known word most like `word`, where one is like it.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// A hint for an unknown word: the nearest known one, or else all that are known.
pub(crate) fn hint<'a>(
    word: &str,
    what: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    if let Some(nearest) = nearest(word, known.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    listed(what, known)
}

/// A hint that only lists what is known: where the nearest word may mean something else, such as
/// another limit, none is put forward.
pub(crate) fn listed<'a>(what: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = known.into_iter().collect();
    if all.is_empty() {
        return format!("no {what} are known");
    }
    let listed: Vec<String> = all.iter().take(LISTED_MAX).map(|w| format!("`{w}`")).collect();
    let rest = match all.len().saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("known {what}: {}{rest}", listed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GASES: [&str; 4] = ["ammonia", "benzene", "chlorine", "hydrogen-sulfide"];

    #[test]
    fn the_nearest_word_is_offered_and_only_when_near() {
        let check = |word, expected| assert_eq!(nearest(word, GASES), expected, "{word}");
        check("clorine", Some("chlorine"));
        check("hydrogen-sulphide", Some("hydrogen-sulfide"));
        check("zzz", None);
        assert_eq!(
            hint("zzz", "gases", GASES),
            "known gases: `ammonia`, `benzene`, `chlorine`, `hydrogen-sulfide`"
        );
        assert_eq!(hint("zzz", "gases", []), "no gases are known");
    }
}
