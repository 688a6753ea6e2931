//! The content of a packet (CP): items `name=value`, of which `code-Field=value` belong to a
//! factor (污染因子).

use std::collections::BTreeMap;

/// What stands between the `&&`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content<'a> {
    /// Fields by factor.
    pub factors: BTreeMap<&'a str, Factor<'a>>,
    /// Items of no factor, for example `DataTime`; of equal names the first.
    pub items: BTreeMap<&'a str, &'a str>,
    /// Items without `=`.
    pub broken: usize,
}

/// What a packet says about one factor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Factor<'a> {
    fields: BTreeMap<&'a str, &'a str>,
    contradicts: bool,
}

impl<'a> Factor<'a> {
    /// A field by its name, which is case-sensitive: `Rtd`, `Avg`, `Flag` …
    pub fn field(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).copied()
    }

    /// Whether the packet says one field twice with different values: none of them is believed.
    pub fn contradicts_itself(&self) -> bool {
        self.contradicts
    }
}

impl<'a> Content<'a> {
    /// Reads a CP. Nothing is refused here: what is missing is missed by whoever looks for it.
    /// A factor may be spread over groups.
    pub fn of(cp: &'a str) -> Self {
        let mut content = Self::default();
        let items = cp.split([';', ',']).map(str::trim).filter(|item| !item.is_empty());
        for item in items {
            let Some((name, value)) = item.split_once('=') else {
                content.broken += 1;
                continue;
            };
            let Some((code, field)) = name.rsplit_once('-') else {
                content.items.entry(name).or_insert(value);
                continue;
            };
            let factor = content.factors.entry(code).or_default();
            let first = *factor.fields.entry(field).or_insert(value);
            factor.contradicts |= first != value;
        }
        content
    }

    /// `DataTime`.
    pub fn data_time(&self) -> Option<&'a str> {
        self.items.get("DataTime").copied()
    }
}

/// A decimal number as the standard writes one. `NaN`, `inf`, `1e5` and an empty text are none.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let number = text.chars().all(plain).then(|| text.parse::<f64>().ok()).flatten();
    number.filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_belong_to_their_factor() {
        let content = Content::of(
            "DataTime=20160801085857;a21026-Rtd=1.1,a21026-Flag=N;a21026-SampleTime=2;SB1-RS=1,x",
        );
        assert_eq!(content.data_time(), Some("20160801085857"));
        let factor = &content.factors["a21026"];
        assert_eq!((factor.field("Rtd"), factor.field("Flag")), (Some("1.1"), Some("N")));
        assert_eq!((factor.field("SampleTime"), factor.field("rtd")), (Some("2"), None));
        assert_eq!(content.factors["SB1"].field("RS"), Some("1"));
        assert_eq!(content.broken, 1);
        assert_eq!(Content::of(""), Content::default());
    }

    #[test]
    fn a_field_said_twice_must_be_the_same() {
        let twice = |text| Content::of(text).factors["a"].contradicts_itself();
        assert!(!twice("a-Rtd=1;a-Rtd=1"));
        assert!(twice("a-Rtd=1;a-Rtd=2"));
    }

    #[test]
    fn numbers_are_decimal_and_finite() {
        let cases =
            [("28.6", Some(28.6)), ("-0.5", Some(-0.5)), ("+3", Some(3.0)), ("0", Some(0.0))];
        let none = ["", "NaN", "nan", "inf", "-", "1e5", "1,5", "--1", "0x1", "."];
        for (text, want) in cases.into_iter().chain(none.map(|text| (text, None))) {
            assert_eq!(number(text), want, "{text}");
        }
        assert_eq!(number(&"9".repeat(400)), None);
    }
}
