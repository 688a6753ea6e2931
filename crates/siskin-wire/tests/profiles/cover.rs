//! What of a profile no dump shows: a word, a bit, a rule, a mark for no value. A state of a device
//! that was never tried is the one that reads as clean air.
//!
//! Reads the profile as plain TOML, with its own small reading of tables, so that it cannot share
//! a mistake with the decoder.

use toml::{Table, Value};

use super::dump::Dump;
use super::image::Image;

/// Decimals above this are refused by the decoder.
const DECIMALS_MAX: u64 = 12;

/// A profile and all states of its dump.
struct Cover<'a> {
    profile: &'a Table,
    images: Vec<Image>,
    /// Indices of the channels on repeated points.
    indices: Vec<u64>,
    channels: Vec<String>,
    found: Vec<String>,
}

/// Everything of `profile` that `dump` does not show.
pub(crate) fn missing(profile: &Table, dump: &Dump) -> Vec<String> {
    let images: Vec<_> = dump.states().iter().map(|state| dump.image(state)).collect();
    let channels: Vec<_> = dump.channels.keys().cloned().collect();
    let index = |name: &String| name.rsplit('-').next().and_then(|n| n.parse().ok());
    let mut indices: Vec<u64> = channels.iter().filter_map(index).collect();
    indices.sort_unstable();
    indices.dedup();
    let mut cover = Cover { profile, images, indices, channels, found: Vec::new() };
    let points = profile.get("points").and_then(Value::as_table).unwrap();
    for (name, point) in points {
        let point = point.as_table().unwrap();
        cover.words(name, point);
        cover.units(name, point);
        cover.value(name, point);
    }
    cover.rules();
    cover.device();
    cover.found.into_iter().map(|what| format!("{}: {what}", dump.profile)).collect()
}

impl Cover<'_> {
    fn need(&mut self, is_there: bool, what: &str) {
        if !is_there {
            self.found.push(format!("no dump shows {what}"));
        }
    }

    /// All codes `point` has in any state.
    fn codes(&self, point: &Table) -> Vec<u64> {
        let at = |image: &Image, n: u64| code(point, bits(image, point, n));
        let all = |image| self.indices_of(point).into_iter().map(move |n| at(image, n));
        self.images.iter().flat_map(all).collect()
    }

    fn indices_of(&self, point: &Table) -> Vec<u64> {
        if point.contains_key("repeat") { self.indices.clone() } else { vec![0] }
    }

    fn words(&mut self, name: &str, point: &Table) {
        let codes = self.codes(point);
        let full = code(point, u64::MAX);
        let listed = keys(point, "enum");
        for want in &listed {
            self.need(codes.contains(want), &format!("`{name}` = {want}"));
        }
        let ranges = ranges(point);
        for (word, from, to) in &ranges {
            let shown = codes.iter().any(|c| (from..=to).contains(&c));
            self.need(shown, &format!("`{name}` = {word}"));
        }
        for bit in keys(point, "bits") {
            let shown = codes.iter().any(|c| c >> bit & 1 == 1);
            self.need(shown, &format!("bit {bit} of `{name}`"));
        }
        let named = |c: &u64| {
            listed.contains(c) || ranges.iter().any(|(_, from, to)| (from..=to).contains(&c))
        };
        let spare = (0..=full.min(0xFFFF)).any(|c| !named(&c));
        if spare && !(listed.is_empty() && ranges.is_empty()) {
            let shown = codes.iter().any(|c| !named(c));
            self.need(shown, &format!("an unknown state of `{name}`"));
        }
        if text(point, "type") == "bit" {
            self.need(codes.contains(&0) && codes.contains(&1), &format!("`{name}` both ways"));
        }
    }

    fn units(&mut self, name: &str, point: &Table) {
        let listed = keys(point, "unit_codes");
        if !listed.is_empty() {
            let codes = self.codes(point);
            for want in &listed {
                self.need(codes.contains(want), &format!("unit code {want} of `{name}`"));
            }
            let unknown = codes.iter().any(|c| !listed.contains(c));
            self.need(unknown, &format!("an unknown unit code of `{name}`"));
        }
        let Some(texts) = point.get("unit_texts").and_then(Value::as_table) else { return };
        let said: Vec<_> = self.images.iter().map(|image| letters(image, point)).collect();
        for want in texts.keys() {
            self.need(said.contains(want), &format!("unit `{want}` of `{name}`"));
        }
        let unknown = said.iter().any(|s| !texts.contains_key(s));
        self.need(unknown, &format!("an unknown unit of `{name}`"));
    }

    fn value(&mut self, name: &str, point: &Table) {
        if !(point.contains_key("unit") || point.contains_key("unit_from")) {
            return;
        }
        let stem = name.trim_end_matches("{n}");
        let served = self.channels.iter().any(|c| c == name || stem != name && c.starts_with(stem));
        self.need(served, &format!("a channel on `{name}`"));
        let all = |image| self.indices_of(point).into_iter().map(move |n| bits(image, point, n));
        let raws: Vec<u64> = self.images.iter().flat_map(all).collect();
        let marks = point.get("invalid").and_then(Value::as_array).into_iter().flatten();
        for mark in marks.map(|mark| mark.as_integer().unwrap().cast_unsigned()) {
            self.need(raws.contains(&mark), &format!("{mark:#X} of `{name}`"));
        }
        if text(point, "type") == "f32" {
            let floats = || raws.iter().map(|raw| f32::from_bits(u32::try_from(*raw).unwrap()));
            self.need(floats().any(f32::is_nan), &format!("NaN in `{name}`"));
            let swapped = floats().any(f32::is_subnormal);
            self.need(swapped, &format!("the other word order in `{name}`"));
        }
        if let Some(decimals) = self.named(point, "scale_point") {
            let codes = self.codes(&decimals);
            let some = codes.iter().any(|c| (1..=DECIMALS_MAX).contains(c));
            self.need(some && codes.contains(&0), &format!("decimals of `{name}`"));
            let wrong = codes.iter().any(|c| *c > DECIMALS_MAX);
            self.need(wrong, &format!("impossible decimals of `{name}`"));
        }
        if let Some(sign) = self.named(point, "sign_point") {
            let codes = self.codes(&sign);
            let three = [0, 1].iter().all(|c| codes.contains(c)) && codes.iter().any(|c| *c > 1);
            self.need(three, &format!("plus, minus and an impossible sign of `{name}`"));
        }
    }

    fn named(&self, point: &Table, key: &str) -> Option<Table> {
        let name = point.get(key)?.as_str()?;
        self.profile.get("points")?.get(name)?.as_table().cloned()
    }

    /// Every rule decides at least one state.
    fn rules(&mut self) {
        let rules = self.profile.get("validity").and_then(Value::as_array);
        let rules: Vec<_> = rules.into_iter().flatten().cloned().collect();
        let mut indices = self.indices.clone();
        indices.push(0);
        for at in 0..rules.len() {
            let decides = self.images.iter().any(|image| {
                indices.iter().any(|n| {
                    let first = rules.iter().position(|rule| self.holds(rule, image, *n));
                    first == Some(at)
                })
            });
            self.need(decides, &format!("a state that validity[{at}] decides"));
        }
    }

    /// Whether `rule` matches for the channel with index `n`.
    fn holds(&self, rule: &Value, image: &Image, n: u64) -> bool {
        let mut values = rule.get("values").and_then(Value::as_array).into_iter().flatten();
        let ours = values.clone().next().is_none()
            || values.any(|v| v.as_str().is_some_and(|v| v.ends_with(&format!("-{n}"))));
        let when = rule.get("when").and_then(Value::as_table).unwrap();
        let points = self.profile.get("points").unwrap();
        ours && when.iter().all(|(name, words)| {
            let point = points.get(name).and_then(Value::as_table).unwrap();
            if point.contains_key("repeat") && n == 0 {
                return false;
            }
            let shown = shown(point, code(point, bits(image, point, n)));
            let words = words.as_array().unwrap();
            words.iter().any(|w| shown.iter().any(|s| Some(s.as_str()) == w.as_str()))
        })
    }

    fn device(&mut self) {
        let refused = self.images.iter().any(Image::refuses);
        self.need(refused, "a refused register");
        let Some(identity) = self.profile.get("identity").and_then(Value::as_table) else { return };
        let point = self.named(identity, "point").unwrap();
        let mask = number(identity, "mask").unwrap_or(u64::MAX);
        let mut codes: Vec<_> = self.codes(&point).iter().map(|c| c & mask).collect();
        codes.sort_unstable();
        codes.dedup();
        self.need(codes.len() > 1, "another device");
    }
}

fn text<'a>(point: &'a Table, key: &str) -> &'a str {
    point.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(table: &Table, key: &str) -> Option<u64> {
    table.get(key).and_then(Value::as_integer).map(i64::cast_unsigned)
}

/// The keys of a table of codes.
fn keys(point: &Table, table: &str) -> Vec<u64> {
    let keys = point.get(table).and_then(Value::as_table).into_iter().flat_map(Table::keys);
    let parse = |key: &String| match key.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).unwrap(),
        None => key.parse().unwrap(),
    };
    keys.map(parse).collect()
}

fn ranges(point: &Table) -> Vec<(String, u64, u64)> {
    let ranges = point.get("ranges").and_then(Value::as_table).into_iter().flatten();
    let end = |range: &Value, i: usize| range.get(i).and_then(Value::as_integer).unwrap();
    let range = |(word, range): (&String, &Value)| {
        (word.clone(), end(range, 0).cast_unsigned(), end(range, 1).cast_unsigned())
    };
    ranges.map(range).collect()
}

/// The words a code shows.
fn shown(point: &Table, code: u64) -> Vec<String> {
    if text(point, "type") == "bit" {
        return vec![if code == 0 { "clear".to_owned() } else { "set".to_owned() }];
    }
    let table = |name: &str, is: &dyn Fn(u64) -> bool| {
        let table = point.get(name).and_then(Value::as_table).into_iter().flatten();
        let words = table.zip(keys(point, name)).filter(|(_, key)| is(*key));
        words.map(|((_, word), _)| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut words = table("enum", &|key| key == code);
    words.extend(table("bits", &|bit| code >> bit & 1 == 1));
    let within = ranges(point).into_iter().filter(|(_, from, to)| (from..=to).contains(&&code));
    words.extend(within.map(|(word, _, _)| word));
    words
}

/// Where the point with index `n` begins.
fn place(point: &Table, n: u64) -> (u8, u16) {
    let repeat = point.get("repeat").and_then(Value::as_table);
    let step = repeat.map_or(0, |repeat| {
        (n - number(repeat, "from").unwrap_or(1)) * number(repeat, "stride").unwrap()
    });
    let addr = number(point, "addr").unwrap() + step;
    (u8::try_from(number(point, "fc").unwrap()).unwrap(), u16::try_from(addr).unwrap())
}

/// The bits of a point of one or two registers, before mask and shift.
fn bits(image: &Image, point: &Table, n: u64) -> u64 {
    let (fc, addr) = place(point, n);
    let first = u64::from(image.word((fc, addr)));
    let second = || u64::from(image.word((fc, addr + 1)));
    match text(point, "order") {
        "ABCD" => first << 16 | second(),
        "CDAB" => second() << 16 | first,
        _ => first,
    }
}

fn code(point: &Table, bits: u64) -> u64 {
    let width = if text(point, "order").is_empty() { 0xFFFF } else { 0xFFFF_FFFF };
    (bits & number(point, "mask").unwrap_or(width) & width) >> number(point, "shift").unwrap_or(0)
}

/// What a text point of the first index says.
fn letters(image: &Image, point: &Table) -> String {
    let (fc, addr) = place(point, 1);
    let len = u16::try_from(number(point, "len").unwrap()).unwrap();
    let bytes = (addr..addr + len).flat_map(|addr| image.word((fc, addr)).to_be_bytes());
    let bytes: Vec<_> = bytes.filter(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
