//! A text with `{names}` that are filled in later.
//!
//! `{` that does not begin a name is a `{`: JSON needs no escapes. Must never fill in a name that
//! is not known: a template is read against what there is.

/// What every template of a message may name.
pub const NAMES: [&str; 25] = [
    "key",
    "warning",
    "number",
    "kind",
    "status",
    "mark_zh",
    "mark_en",
    "headline_zh",
    "headline_en",
    "text_zh",
    "text_en",
    "site",
    "site_zh",
    "site_en",
    "area",
    "area_zh",
    "area_en",
    "gas",
    "gas_zh",
    "gas_en",
    "tier",
    "value",
    "limit",
    "unit",
    "since",
];

/// Names whose values tell a drill from the real thing.
pub const MARKED: [&str; 7] =
    ["status", "mark_zh", "mark_en", "headline_zh", "headline_en", "text_zh", "text_en"];

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

/// A text with names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            let name = after.split_once('}').filter(|(name, _)| is_name(name));
            if let Some((name, behind)) = name {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Name(name.to_owned()));
                rest = behind;
            } else {
                plain.push('{');
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self { parts }
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every name filled in; the name that is not known where there is one.
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Result<String, &str> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Name(name) => out.push_str(&value(name).ok_or(name.as_str())?),
            }
        }
        Ok(out)
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_braces_stay() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let template = Template::of(text);
            let value = |name: &str| (name != "no").then(|| format!("<{name}>"));
            let found = template.fill(value);
            assert_eq!(found.as_deref().map_err(|name| *name), expected, "{text}");
        };
        check("", Ok(""));
        check("plain", Ok("plain"));
        check(r#"{"a":"{to}","b":{}}"#, Ok(r#"{"a":"<to>","b":{}}"#));
        check("{a}{b_2}", Ok("<a><b_2>"));
        check("{A} {a b} {", Ok("{A} {a b} {"));
        check("{{a}}", Ok("{<a>}"));
        check("{a} {no}", Err("no"));
    }

    #[test]
    fn what_is_marked_is_known() {
        assert!(MARKED.iter().all(|name| NAMES.contains(name)));
    }
}
