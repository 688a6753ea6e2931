//! One item of a series: words to what they mean.

use siskin_model::Quality;

use super::duration;
use super::words::{Fault, Word};

/// The words for qualities, short where a table of readings would be long.
const QUALITIES: [(&str, Quality); 9] = [
    ("good", Quality::Good),
    ("uncertain", Quality::Uncertain),
    ("over", Quality::OverRange),
    ("warm-up", Quality::WarmUp),
    ("cal", Quality::Calibration),
    ("maint", Quality::Maintenance),
    ("fault", Quality::Fault),
    ("comm-lost", Quality::CommLost),
    ("manual", Quality::Manual),
];
/// All other words of an item.
const OTHERS: [&str; 6] = ["gap", "every", "for", "until", "noise", "seed"];

/// How much of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// This many samples.
    Times(i64),
    /// As many as fit into so many milliseconds.
    For(i64),
    /// Up to this moment, in milliseconds after the test's start.
    Until(i64),
}

/// The number of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// No number.
    None,
    /// The same number.
    Steady(f64),
    /// Evenly from the first number to the last.
    Ramp(f64, f64),
}

/// One item of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Item<'a> {
    /// From here on one sample in so many milliseconds.
    Every(i64),
    /// Nothing arrives.
    Gap(Amount, Word<'a>),
    /// Samples.
    Samples {
        value: Value,
        quality: Quality,
        amount: Amount,
        /// Size and seed.
        noise: Option<(f64, u64)>,
        word: Word<'a>,
    },
}

impl Value {
    /// The number of sample `number` of `count`.
    pub(super) fn at(self, number: i64, count: i64) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Steady(value) => Some(value),
            Self::Ramp(_, to) if number + 1 == count => Some(to),
            Self::Ramp(from, to) => {
                Some(from + (to - from) * number as f64 / (count - 1).max(1) as f64)
            }
        }
    }
}

impl<'a> Item<'a> {
    /// The item that `words` mean; none where there are no words.
    pub(super) fn read(words: &[Word<'a>]) -> Result<Option<Self>, Fault> {
        let mut words = words.iter().copied();
        let Some(first) = words.next() else { return Ok(None) };
        let item = match first.text {
            "every" => Self::Every(step(first, words.next())?),
            "gap" => Self::Gap(gap(first, &mut words)?, first),
            _ => Self::samples(first, &mut words)?,
        };
        match words.next() {
            None => Ok(Some(item)),
            Some(more) => Err(more.fault(
                format!("`{}` is too much here", more.text),
                "put a comma between two items",
            )),
        }
    }

    /// The word that a fault of the whole item is told at.
    pub(super) fn word(&self) -> Option<Word<'a>> {
        match self {
            Self::Every(_) => None,
            Self::Gap(_, word) | Self::Samples { word, .. } => Some(*word),
        }
    }

    fn samples(first: Word<'a>, words: &mut impl Iterator<Item = Word<'a>>) -> Result<Self, Fault> {
        let (value, mut quality) = value(first)?;
        let (mut amount, mut noise) = (None, None);
        while let Some(word) = words.next() {
            if let Some(found) = quality_of(word) {
                only_once(quality.replace(found).is_some(), word)?;
            } else if let Some(times) = times(word)? {
                only_once(amount.replace(times).is_some(), word)?;
            } else if let "for" | "until" = word.text {
                let found = span(word, words.next())?;
                only_once(amount.replace(found).is_some(), word)?;
            } else if word.text == "noise" {
                only_once(noise.replace(noise_of(word, words)?).is_some(), word)?;
            } else {
                return Err(unknown(word));
            }
        }
        let quality = quality.unwrap_or(Quality::Good);
        if value == Value::None
            && matches!(quality, Quality::Good | Quality::Uncertain | Quality::Manual)
        {
            let message = format!("`{}` needs a number", first.text);
            return Err(first.fault(message, format!("write for example `0.1 {}`", first.text)));
        }
        let amount = amount.unwrap_or(Amount::Times(1));
        Ok(Self::Samples { value, quality, amount, noise, word: first })
    }
}

fn quality_of(word: Word<'_>) -> Option<Quality> {
    QUALITIES.iter().find(|(name, _)| *name == word.text).map(|(_, quality)| *quality)
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

fn value(word: Word<'_>) -> Result<(Value, Option<Quality>), Fault> {
    if let Some(quality) = quality_of(word) {
        return Ok((Value::None, Some(quality)));
    }
    if let Some(value) = number(word.text) {
        return Ok((Value::Steady(value), None));
    }
    let ends = word.text.split_once("..");
    match ends.and_then(|(from, to)| Some(Value::Ramp(number(from)?, number(to)?))) {
        Some(ramp) => Ok((ramp, None)),
        None => Err(unknown(word)),
    }
}

fn unknown(word: Word<'_>) -> Fault {
    let known = QUALITIES.iter().map(|(name, _)| *name).chain(OTHERS);
    let fault = word.unknown("number or word", known.clone());
    if crate::suggest::nearest(word.text, known).is_some() {
        return fault;
    }
    let hint = "a series is made of items like `0.1 x60`, `0.1..12 for 30s`, `fault x3`, `gap 90`";
    Fault { hint: hint.to_owned(), ..fault }
}

fn only_once(again: bool, word: Word<'_>) -> Result<(), Fault> {
    if !again {
        return Ok(());
    }
    let message = format!("`{}` says twice what was said already", word.text);
    Err(word.fault(message, "say it once, or put a comma between two items"))
}

fn times(word: Word<'_>) -> Result<Option<Amount>, Fault> {
    let Some(count) = word.text.strip_prefix(['x', '×']) else { return Ok(None) };
    let Ok(count) = count.parse::<u32>() else { return Ok(None) };
    if count == 0 {
        return Err(word.fault("a sample stands at least once", "write `x1` or leave it out"));
    }
    Ok(Some(Amount::Times(i64::from(count))))
}

fn length(after: Word<'_>, word: Option<Word<'_>>) -> Result<i64, Fault> {
    let told = word.unwrap_or(after);
    let read = word.and_then(|word| duration::parse(word.text));
    read.ok_or_else(|| {
        let message = format!("`{}` needs a length of time", after.text);
        told.fault(message, format!("write {}", duration::EXAMPLES))
    })
}

fn step(after: Word<'_>, word: Option<Word<'_>>) -> Result<i64, Fault> {
    match length(after, word)? {
        0 => {
            let hint = "write for example `every 1s`";
            Err(word.unwrap_or(after).fault("a step must be longer than 0", hint))
        }
        ms => Ok(ms),
    }
}

fn span(word: Word<'_>, next: Option<Word<'_>>) -> Result<Amount, Fault> {
    let ms = length(word, next)?;
    if word.text == "until" {
        return Ok(Amount::Until(ms));
    }
    if ms == 0 {
        let hint = "write for example `for 30s`";
        return Err(word.fault("`for` needs a length longer than 0", hint));
    }
    Ok(Amount::For(ms))
}

fn gap<'a>(first: Word<'a>, words: &mut impl Iterator<Item = Word<'a>>) -> Result<Amount, Fault> {
    match words.next() {
        Some(word) if matches!(word.text, "until" | "for") => span(word, words.next()),
        word => length(first, word).map(Amount::For),
    }
}

fn noise_of<'a>(
    word: Word<'a>,
    words: &mut impl Iterator<Item = Word<'a>>,
) -> Result<(f64, u64), Fault> {
    let size = words.next().and_then(|word| number(word.text)).filter(|size| *size >= 0.0);
    let seed = words.next().filter(|word| word.text == "seed").and_then(|_| words.next());
    let seed = seed.and_then(|word| word.text.parse().ok());
    size.zip(seed).ok_or_else(|| {
        let hint = "write for example `noise 0.02 seed 7`: standard deviation and any whole number";
        word.fault("`noise` needs its size and a seed", hint)
    })
}
