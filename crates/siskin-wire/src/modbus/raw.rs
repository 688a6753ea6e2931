//! From register bits to a number or to words.
//!
//! Sentinels, NaN, infinities and floats that only a wrong word order explains are no numbers.

use siskin_model::Text;

use crate::profile::{Point, PointType, WordOrder};

/// Beyond this a float is not a measurement but a wrong word order.
const PLAUSIBLE_MAX: f32 = 1e15;
/// Closer to 0 than this no analyzer measures; 0 itself is fine, and so is what a filter that dies
/// away leaves.
const PLAUSIBLE_MIN: f32 = 1e-15;
/// The most decimals a device has (DFRobot SEN07xx).
const DECIMALS_MAX: i32 = 12;
/// What a value read in the right order looks like, for the hint.
const LIKELY: std::ops::RangeInclusive<f32> = 1e-6..=1e6;

/// The bits of a 32-bit point from its two registers in order of arrival.
pub(super) fn assemble(first: u16, second: u16, order: WordOrder) -> u32 {
    let (high, low) = match order {
        WordOrder::Abcd => (first, second),
        WordOrder::Cdab => (second, first),
        WordOrder::Badc => (first.swap_bytes(), second.swap_bytes()),
        WordOrder::Dcba => (second.swap_bytes(), first.swap_bytes()),
    };
    u32::from(high) << 16 | u32::from(low)
}

/// The code of an unsigned point: its bits after mask and shift.
pub(super) fn code(point: &Point, raw: u32) -> u32 {
    (raw & point.mask.unwrap_or(u32::MAX)) >> point.shift
}

/// What other points say about a number: its decimals and its sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Factor {
    divisor: f64,
    sign: f64,
}

impl Factor {
    /// No decimals, plus.
    #[cfg(test)]
    pub(super) const NONE: Self = Self { divisor: 1.0, sign: 1.0 };

    /// From the codes of the points that say them, each with its name.
    pub(super) fn new(
        decimals: Option<(String, u32)>,
        sign: Option<(String, u32)>,
    ) -> Result<Self, Text> {
        let divisor = match decimals {
            None => 1.0,
            Some((name, code)) => match i32::try_from(code) {
                Ok(places @ 0..=DECIMALS_MAX) => 10f64.powi(places),
                _ => return Err(no_code(&name, code, &format!("0–{DECIMALS_MAX}"))),
            },
        };
        let sign = match sign {
            None | Some((_, 0)) => 1.0,
            Some((_, 1)) => -1.0,
            Some((name, code)) => return Err(no_code(&name, code, "0–1")),
        };
        Ok(Self { divisor, sign })
    }
}

fn no_code(name: &str, code: u32, want: &str) -> Text {
    Text::new(
        format!("设备的“{name}”为 {code}，应为 {want}；请核对设备型号与设备配置文件"),
        format!(
            "the device says {code} as its `{name}` instead of {want}; \
             hint: compare model and profile"
        ),
    )
}

/// The characters of a text, without what only fills it up.
pub(super) fn text(registers: &[u16]) -> String {
    let bytes = registers.iter().flat_map(|word| word.to_be_bytes());
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let kept = bytes.take_while(|byte| *byte != 0);
    let shown = kept.map(|byte| if printable(byte) { char::from(byte) } else { '?' });
    shown.collect::<String>().trim().to_owned()
}

/// The number that the hexadecimal digits of `raw` look like.
fn digits(raw: u32) -> Result<f64, Text> {
    format!("{raw:x}").parse::<u32>().map(f64::from).map_err(|_| {
        Text::new(
            format!("设备上报 {raw:#06X}，不是 BCD 码；请核对设备型号与设备配置文件"),
            format!(
                "the device gives {raw:#06X}, which is not BCD; hint: compare model and profile"
            ),
        )
    })
}

/// The number in `raw`, or why there is none.
pub(super) fn number(point: &Point, raw: u32, factor: Factor) -> Result<f64, Text> {
    if point.invalid.contains(&raw) {
        return Err(Text::new(
            format!("设备上报 {raw:#06X}，即其“无数值”标志；请检查设备"),
            format!("the device gives {raw:#06X}, its mark for no value; hint: look at the device"),
        ));
    }
    let number = match point.kind {
        PointType::U16 | PointType::U32 | PointType::Bit => f64::from(code(point, raw)),
        // A point of one register carries no bits above 16, so the fallback is never taken.
        PointType::S16 => f64::from(u16::try_from(raw).unwrap_or(u16::MAX).cast_signed()),
        PointType::S32 => f64::from(raw.cast_signed()),
        PointType::F32 => decimal(float(raw, point.order)?),
        PointType::Bcd16 | PointType::Bcd32 => digits(raw)?,
        // A profile that takes a number from a text does not pass its check.
        PointType::Text => return Err(no_code("type", raw, "0")),
    };
    Ok(short(number * factor.sign * point.scale / factor.divisor + point.offset))
}

/// The shortest decimal that has the bits of `value`: a device that sends 0.03 means 0.03, not
/// 0.029 999 999 3.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// Twelve digits of a number: more than any device has, and without the tail that multiplying by
/// a decimal scale leaves (38 · 0.1 = 3.8, not 3.800 000 000 000 000 3).
fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn float(raw: u32, order: Option<WordOrder>) -> Result<f32, Text> {
    let value = f32::from_bits(raw);
    if !value.is_finite() {
        return Err(Text::new(
            format!("设备上报 {value}，不是有效数值；请检查设备"),
            format!("the device gives {value}, which is no number; hint: look at the device"),
        ));
    }
    if plausible(value) {
        return Ok(value);
    }
    let hint = order_hint(raw, order);
    Err(Text::new(
        format!("设备上报 {value:e}，气体分析仪不可能测得；{}", hint.zh),
        format!("the device gives {value:e}, which no gas analyzer measures; hint: {}", hint.en),
    ))
}

/// The word order that would explain bits that are no measurement, or where else to look.
fn order_hint(raw: u32, order: Option<WordOrder>) -> Text {
    let other = [
        (WordOrder::Abcd, raw),
        (WordOrder::Cdab, raw.rotate_left(16)),
        (WordOrder::Badc, raw.swap_bytes().rotate_left(16)),
        (WordOrder::Dcba, raw.swap_bytes()),
    ];
    // `raw` is already in our order, so the entries name changes of it: identity first.
    let sensible = |bits: u32| LIKELY.contains(&f32::from_bits(bits).abs());
    let likely = other.iter().skip(1).find(|(_, bits)| sensible(*bits));
    let (Some(order), Some((change, bits))) = (order, likely) else {
        return Text::new(
            "任何字序都得不到合理数值，请核对寄存器地址",
            "no word order gives a sensible value; compare the address",
        );
    };
    let (order, value) = (composed(order, *change), f32::from_bits(*bits));
    Text::new(
        format!("按字序 {} 读数为 {value}，请核对字序", order.as_str()),
        format!("word order {} would give {value}", order.as_str()),
    )
}

fn plausible(value: f32) -> bool {
    value == 0.0 || (PLAUSIBLE_MIN..=PLAUSIBLE_MAX).contains(&value.abs())
}

/// The order that results from reading with `order` and then applying `change`.
fn composed(order: WordOrder, change: WordOrder) -> WordOrder {
    let bits = |order| match order {
        WordOrder::Abcd => 0u8,
        WordOrder::Cdab => 1,
        WordOrder::Badc => 2,
        WordOrder::Dcba => 3,
    };
    match bits(order) ^ bits(change) {
        0 => WordOrder::Abcd,
        1 => WordOrder::Cdab,
        2 => WordOrder::Badc,
        _ => WordOrder::Dcba,
    }
}

/// The words `raw` shows, and whether it is a state that no table knows.
pub(super) fn words(point: &Point, raw: u32) -> (Vec<&str>, bool) {
    if point.invalid.contains(&raw) {
        return (Vec::new(), point.is_state());
    }
    let code = code(point, raw);
    if point.kind == PointType::Bit {
        return (vec![if code == 0 { "clear" } else { "set" }], false);
    }
    let named = point.words.iter().filter(|(c, _)| c.0 == code);
    let mut words: Vec<_> = named.map(|(_, word)| word.as_str()).collect();
    let ranges = point.ranges.iter();
    let within = ranges.filter(|(_, (from, to))| (*from..=*to).contains(&code));
    words.extend(within.map(|(word, _)| word.as_str()));
    let unknown = point.is_state() && words.is_empty();
    let bits = point.bits.iter();
    let set = bits.filter(|(bit, _)| code.checked_shr(bit.0).is_some_and(|c| c & 1 == 1));
    words.extend(set.map(|(_, word)| word.as_str()));
    (words, unknown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::languages::check_text;

    fn point(text: &str) -> Point {
        toml::from_str(&format!("fc = 3\naddr = 0\nmanual_ref = \"1\"\n{text}")).unwrap()
    }

    fn check(text: &str, raw: u32, want: Result<f64, &str>) {
        match (number(&point(text), raw, Factor::NONE), want) {
            (Ok(got), Ok(want)) => assert!((got - want).abs() < 1e-6, "got {got}, want {want}"),
            (Err(got), Err(want)) => {
                assert!(got.en.contains(want), "{got:?}");
                check_text(&got);
            }
            (got, want) => panic!("got {got:?}, want {want:?}"),
        }
    }

    #[test]
    fn numbers() {
        check("type = \"u16\"", 0xFFFF, Ok(65_535.0));
        check("type = \"s16\"", 0xFFFF, Ok(-1.0));
        check("type = \"s16\"\nscale = 0.1", 0x8002, Ok(-3276.6));
        check("type = \"u16\"\nmask = 0xFF00\nshift = 8", 0x24FE, Ok(36.0));
        // Printed in a vendor's notes: 0x00BD is 18.9 ppm.
        check("type = \"u16\"\nscale = 0.1", 0x00BD, Ok(18.9));
        check("type = \"u16\"\nscale = 0.1", 38, Ok(3.8));
        check("type = \"f32\"\norder = \"ABCD\"", 0.03f32.to_bits(), Ok(0.03));
        check("type = \"u16\"\nscale = 0.1\noffset = -10", 150, Ok(5.0));
        check("type = \"u32\"\norder = \"CDAB\"", 70_000, Ok(70_000.0));
        check("type = \"s32\"\norder = \"ABCD\"", u32::MAX, Ok(-1.0));
        // Dräger Polytron 8000, Modbus manual p.28: 40.0 is 42 20 00 00.
        check("type = \"f32\"\norder = \"ABCD\"", 0x4220_0000, Ok(40.0));
        check("type = \"f32\"\norder = \"ABCD\"", 0x8000_0000, Ok(0.0));
    }

    #[test]
    fn decimal_digits_and_texts() {
        check("type = \"bcd16\"\nscale = 0.1", 0x1409, Ok(140.9));
        check("type = \"bcd32\"\norder = \"ABCD\"", 0x0123_4567, Ok(1_234_567.0));
        check("type = \"bcd16\"", 0x00D1, Err("0x00D1, which is not BCD"));
        assert_eq!(text(&[0x5050, 0x4D20, 0x0000, 0x4142]), "PPM");
        assert_eq!(text(&[0x2025, 0x4CFF]), "%L?");
    }

    #[test]
    fn sentinels_and_nan_are_no_numbers() {
        let s16 = "type = \"s16\"\nscale = 0.1\ninvalid = [0x7FFF]";
        check(s16, 0x7FFF, Err("0x7FFF, its mark for no value"));
        check(s16, 0x7FFE, Ok(3276.6));
        let f32 = "type = \"f32\"\norder = \"ABCD\"";
        check(f32, 0x7FFF_FFFF, Err("NaN, which is no number"));
        check(f32, 0x7F80_0000, Err("inf, which is no number"));
        check(f32, 0xFF80_0000, Err("-inf, which is no number"));
    }

    #[test]
    fn a_wrong_word_order_is_named() {
        let wrong = |order: &str, first, second, want: &str| {
            let point = point(&format!("type = \"f32\"\norder = \"{order}\""));
            let raw = assemble(first, second, point.order.unwrap());
            let error = number(&point, raw, Factor::NONE).unwrap_err();
            assert!(error.en.ends_with(want), "{error:?}");
            check_text(&error);
        };
        // 40.0 on a wire that sends the low word first, and on one that swaps bytes.
        wrong("ABCD", 0x0000, 0x4220, "word order CDAB would give 40");
        wrong("CDAB", 0x4220, 0x0000, "word order ABCD would give 40");
        wrong("DCBA", 0x4220, 0x0000, "word order ABCD would give 40");
        wrong("ABCD", 0x0000, 0x0001, "compare the address");
    }

    fn check_words(text: &str, raw: u32, want: &[&str], unknown: bool) {
        assert_eq!(words(&point(text), raw), (want.to_vec(), unknown));
    }

    #[test]
    fn states_bits_and_ranges() {
        let state = "type = \"u16\"\nmask = 0x0F\nenum = { 0 = \"warmup\", 1 = \"monitor\" }";
        check_words(state, 0x0801, &["monitor"], false);
        check_words(state, 0x0009, &[], true);
        let bits = "type = \"u16\"\nbits = { 0 = \"alarm1\", 6 = \"fault\" }";
        check_words(bits, 0x41, &["alarm1", "fault"], false);
        check_words(bits, 0x00, &[], false);
        let ranges = "type = \"u16\"\nranges = { ok = [0, 0], fault = [1000, 1999] }";
        check_words(ranges, 0, &["ok"], false);
        check_words(ranges, 1103, &["fault"], false);
        check_words(ranges, 2000, &[], true);
        check_words(&format!("{state}\ninvalid = [1]"), 1, &[], true);
        check_words("type = \"bit\"", 1, &["set"], false);
        check_words("type = \"bit\"", 0, &["clear"], false);
    }

    proptest! {
        #[test]
        fn every_order_is_undone_by_its_own_assembly(bits in any::<u32>()) {
            let [a, b, c, d] = bits.to_be_bytes();
            let wire = |bytes: [u8; 4], order| {
                let [p, q, r, s] = bytes;
                assemble(u16::from_be_bytes([p, q]), u16::from_be_bytes([r, s]), order)
            };
            prop_assert_eq!(wire([a, b, c, d], WordOrder::Abcd), bits);
            prop_assert_eq!(wire([c, d, a, b], WordOrder::Cdab), bits);
            prop_assert_eq!(wire([b, a, d, c], WordOrder::Badc), bits);
            prop_assert_eq!(wire([d, c, b, a], WordOrder::Dcba), bits);
        }

        #[test]
        fn a_number_is_always_finite(bits in any::<u32>()) {
            let point = point("type = \"f32\"\norder = \"ABCD\"");
            if let Ok(value) = number(&point, bits, Factor::NONE) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
