//! What the checker says about rules, in Chinese.
//!
//! The checker speaks English; here its sentences are found again by their form, with what stands
//! in them kept as it is. A sentence without a Chinese form is told in English rather than guessed:
//! the caller sees that there is none.

mod hints;
mod messages;

/// The Chinese of a message; none where it has no form here.
pub fn message(text: &str) -> Option<String> {
    told(text, messages::MESSAGES)
}

/// The Chinese of a hint; none where it has no form here.
pub fn hint(text: &str) -> Option<String> {
    told(text, hints::HINTS)
}

/// English form and Chinese form; `{}` stands for what is kept, `{0}` in the Chinese for the first.
type Form = (&'static str, &'static str);

fn told(text: &str, forms: &[Form]) -> Option<String> {
    forms.iter().find_map(|(english, chinese)| Some(filled(chinese, &kept(text, english)?)))
}

/// What stands in the gaps of a form, where the text has this form.
fn kept<'a>(text: &'a str, form: &str) -> Option<Vec<&'a str>> {
    let mut parts = form.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut kept = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part must end the text: the gap before it takes all that is left.
        let at = match (parts.peek(), part) {
            (None, "") => rest.len(),
            (None, last) => rest.len().checked_sub(last.len())?,
            (Some(_), part) => rest.find(part)?,
        };
        let (gap, more) = (rest.get(..at)?, rest.get(at..)?);
        rest = more.strip_prefix(part)?;
        kept.push(gap);
    }
    rest.is_empty().then_some(kept)
}

fn filled(form: &str, kept: &[&str]) -> String {
    let mut text = form.to_owned();
    for (place, gap) in kept.iter().enumerate() {
        text = text.replace(&format!("{{{place}}}"), &words(gap));
    }
    text
}

/// Words that the checker puts into its sentences.
const WORDS: &[(&str, &str)] = &[
    ("samples", "个读数"),
    ("steps", "步"),
    ("the end", "结尾"),
    ("a finite number", "有限的数字"),
    ("a condition in quotes", "引号中的条件"),
    ("a text in quotes", "引号中的文字"),
    ("a word in quotes", "引号中的词"),
    ("a list in [ ]", "方括号中的列表"),
    ("a list", "列表"),
    ("a table", "表"),
    ("`true` or `false`", "`true` 或 `false`"),
    ("weather", "气象"),
    ("no `wind-direction` channel", "没有风向通道"),
    ("no `wind-speed` channel", "没有风速通道"),
    ("neither a `wind-speed` nor a `wind-direction` channel", "没有风速和风向通道"),
    (" (and one more)", "（另有 1 个）"),
    ("[[rule]]", "规则"),
    ("a point of `points`", "`points` 中的一点"),
    ("a rule's id, `not` or `(`", "规则编号、`not` 或 `(`"),
    ("`and` or `or`", "`and` 或 `or`"),
    ("`and`, `or` or `)`", "`and`、`or` 或 `)`"),
    ("silence says nothing about the gas", "没有数据并不说明气体情况"),
    ("it speaks about the device, not about the gas", "它说明的是设备，不是气体"),
    ("no rule watches it, neither its gas nor its silence", "没有规则监视它的气体和中断"),
    ("no rule watches its gas", "没有规则监视它的气体"),
    (
        "no no-data rule watches it: it could fall silent unseen",
        "没有无数据规则监视它，中断会无人知晓",
    ),
];
/// The same with something in them.
const FORMS: &[Form] = &[
    ("the text `{}`", "文字 `{0}`"),
    ("the number `{}`", "数字 `{0}`"),
    ("the date `{}`", "日期 `{0}`"),
    (" (and {} more)", "（另有 {0} 个）"),
];

/// A gap as a Chinese reader is told it.
fn words(gap: &str) -> String {
    if let Some((_, zh)) = WORDS.iter().find(|(en, _)| *en == gap) {
        return (*zh).to_owned();
    }
    let found = FORMS.iter().find_map(|(en, zh)| Some((zh, kept(gap, en)?)));
    found
        .map_or_else(|| gap.to_owned(), |(zh, kept)| zh.replace("{0}", kept.first().unwrap_or(&"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_found_by_its_form_and_keeps_what_stands_in_it() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(message(text).as_deref(), expected, "{text}");
        };
        check("[[rule]] has no `unit`", Some("规则缺少 `unit`"));
        check("unknown key `raise_ad` in [[rule]]", Some("规则中有未知的键 `raise_ad`"));
        check(
            "`raise_at` must be a finite number, found the text `twenty`",
            Some("`raise_at` 应为有限的数字，实为文字 `twenty`"),
        );
        check("nothing that the checker says", None);
    }

    #[test]
    fn gaps_are_as_long_as_the_form_lets_them() {
        let check = |text, form, expected: Option<&[&str]>| {
            assert_eq!(kept(text, form).as_deref(), expected, "{text} as {form}");
        };
        check("a b c", "a {} c", Some(&["b"]));
        check("a b c", "{}", Some(&["a b c"]));
        check("a b c d", "a {} c", None);
        check("`x` is `1`", "`{}` is `{}`", Some(&["x", "1"]));
        check("a", "ab", None);
        check("氯 is", "{} is", Some(&["氯"]));
        check("is", "{} is", None);
    }

    #[test]
    fn every_form_keeps_what_it_was_told() {
        for (english, chinese) in messages::MESSAGES.iter().chain(hints::HINTS) {
            let gaps = english.matches("{}").count();
            // What is known is listed; what it is called is seen.
            let from = usize::from(*english == "known {}: {}" || *english == "no {} are known");
            for place in from..gaps {
                assert!(chinese.contains(&format!("{{{place}}}")), "{english}: {chinese}");
            }
            assert!(!chinese.contains(&format!("{{{gaps}}}")), "{english}: {chinese}");
        }
    }
}
