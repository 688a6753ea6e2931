//! A series in the compact notation: items with commas between them, read from left to right.
//!
//! `0.1 x60, 0.1..12 for 30s, 12 until 5m, gap 90, fault x3, 1.2 cal x20, over` — each sample
//! takes one step of time, a gap takes its length, and nothing goes back in time.

use siskin_model::Quality;

use super::READINGS_MAX;
use super::duration;
use super::noise::Noise;
use super::notation::{Amount, Item, Value};
use super::words::{Fault, Word, words};

/// One reading as a series tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// Milliseconds after the test's start.
    pub(super) at_ms: i64,
    pub(super) value: Option<f64>,
    pub(super) quality: Quality,
}

/// Samples and the moment up to which they reach: the next one would stand there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) samples: Vec<Sample>,
    pub(super) end_ms: i64,
    step_ms: i64,
}

/// Reads `text`; its first sample is at `start_ms`, and there is one every `step_ms`.
pub(super) fn read(text: &str, start_ms: i64, step_ms: i64) -> Result<Series, Fault> {
    let mut series = Series { samples: Vec::new(), end_ms: start_ms, step_ms };
    let mut offset = 0;
    for part in text.split_inclusive(['，', ',']) {
        let own = part.trim_end_matches(['，', ',']);
        let found = words(own, offset);
        if let Some(item) = Item::read(&found)? {
            series.add(item)?;
        }
        offset += part.len();
    }
    if series.samples.is_empty() {
        let whole = Word { text, start: 0 };
        return Err(whole.fault("a series without a sample", "write for example `0.1 x60`"));
    }
    Ok(series)
}

impl Series {
    fn add(&mut self, item: Item<'_>) -> Result<(), Fault> {
        match item {
            Item::Every(step_ms) => self.step_ms = step_ms,
            Item::Gap(amount, word) => {
                self.end_ms = match amount {
                    Amount::Until(at_ms) => self.later(at_ms, word)?,
                    Amount::For(ms) => self.end_ms + ms,
                    Amount::Times(count) => self.end_ms + self.step_ms * count,
                };
            }
            Item::Samples { value, quality, amount, noise, word } => {
                let count = self.count(amount, word)?;
                if matches!(value, Value::Ramp(..)) && count < 2 {
                    let hint = "say how many, for example `0.1..12 x30`";
                    return Err(word.fault("a ramp needs at least two samples", hint));
                }
                let mut noise = noise.map(|(size, seed)| (size, Noise::new(seed)));
                for number in 0..count {
                    let clean = value.at(number, count);
                    let value = match &mut noise {
                        Some((size, noise)) => clean.map(|v| v + *size * noise.bell()),
                        None => clean,
                    };
                    self.samples.push(Sample { at_ms: self.end_ms, value, quality });
                    self.end_ms += self.step_ms;
                }
            }
        }
        self.check_end(item.word())
    }

    fn check_end(&self, word: Option<Word<'_>>) -> Result<(), Fault> {
        let word = word.unwrap_or(Word { text: "", start: 0 });
        if self.end_ms > duration::DURATION_MS_MAX {
            let hint = "keep a test shorter than 31 days";
            return Err(word.fault("the series is too long", hint));
        }
        Ok(())
    }

    /// `at_ms`, where it lies ahead.
    fn later(&self, at_ms: i64, word: Word<'_>) -> Result<i64, Fault> {
        if at_ms > self.end_ms {
            return Ok(at_ms);
        }
        let now = duration::shown(self.end_ms);
        let message = format!(
            "`until {}` lies not after {now}, where the series has come to already",
            duration::shown(at_ms)
        );
        Err(word.fault(message, format!("`until` counts from the test's start: go beyond {now}")))
    }

    fn count(&self, amount: Amount, word: Word<'_>) -> Result<i64, Fault> {
        let count = match amount {
            Amount::Times(count) => count,
            Amount::For(ms) => steps(ms, self.step_ms),
            Amount::Until(at_ms) => steps(self.later(at_ms, word)? - self.end_ms, self.step_ms),
        };
        let room = READINGS_MAX.saturating_sub(self.samples.len());
        if usize::try_from(count).is_ok_and(|count| count <= room) {
            return Ok(count);
        }
        let message = format!("the series has more than {READINGS_MAX} samples");
        Err(word.fault(message, "take a longer step with `step_s` or `every 10s`"))
    }
}

/// How many steps begin in `span_ms`.
fn steps(span_ms: i64, step_ms: i64) -> i64 {
    (span_ms + step_ms - 1) / step_ms.max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Samples as `seconds value quality`, one text for all.
    fn told(text: &str) -> String {
        match read(text, 0, 1000) {
            Ok(series) => {
                let one = |s: &Sample| {
                    let value = s.value.map_or_else(|| "-".to_owned(), |v| v.to_string());
                    let quality = match s.quality {
                        Quality::Good => String::new(),
                        other => format!("{} ", other.as_str()),
                    };
                    format!("{}:{value} {quality}", duration::shown(s.at_ms))
                };
                let all: String = series.samples.iter().map(one).collect();
                format!("{all}| {}", duration::shown(series.end_ms))
            }
            Err(fault) => {
                let at = text.get(fault.start..fault.end).unwrap_or("?");
                format!("[{at}] {}; hint: {}", fault.message, fault.hint)
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(told(text), expected, "{text}");
    }

    #[test]
    fn numbers_repeats_ramps_and_gaps() {
        check("0.1", "0s:0.1 | 1s");
        check("0.1 x3", "0s:0.1 1s:0.1 2s:0.1 | 3s");
        check("1..3 x3", "0s:1 1s:2 2s:3 | 3s");
        check("3..-1 x3", "0s:3 1s:1 2s:-1 | 3s");
        check("1, gap 90, 2", "0s:1 1m31s:2 | 1m32s");
        check("1, gap until 5m, 2", "0s:1 5m:2 | 5m1s");
        check("1 for 2s, 5 until 4s", "0s:1 1s:1 2s:5 3s:5 | 4s");
        check("every 0.5s, 1 x2, every 2s, 3 x2", "0s:1 0.5s:1 1s:3 3s:3 | 5s");
        check("1,\n  2，3,\n", "0s:1 1s:2 2s:3 | 3s");
    }

    #[test]
    fn qualities_stand_beside_a_number_or_alone() {
        check("40 over, over", "0s:40 over-range 1s:- over-range | 2s");
        check("1.2 cal x2", "0s:1.2 calibration 1s:1.2 calibration | 2s");
        check("fault x2", "0s:- fault 1s:- fault | 2s");
        check("2 uncertain, 2 good", "0s:2 uncertain 1s:2 | 2s");
        check(
            "1 warm-up, 1 maint, 1 manual, comm-lost",
            "0s:1 warm-up 1s:1 maintenance 2s:1 manual 3s:- comm-lost | 4s",
        );
    }

    #[test]
    fn noise_is_the_same_for_the_same_seed() {
        let first = told("5 x50 noise 0.1 seed 7");
        assert_eq!(first, told("5 x50 noise 0.1 seed 7"));
        assert_ne!(first, told("5 x50 noise 0.1 seed 8"));
        check("5 x2 noise 0 seed 7", "0s:5 1s:5 | 2s");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_at_its_word() {
        let refused = |text: &str, at: &str, about: &str| {
            let told = told(text);
            assert!(told.starts_with(&format!("[{at}] ")), "{text}: {told}");
            assert!(told.contains(about) && told.contains("hint: "), "{text}: {told}");
        };
        refused("0.1 x60, 12 ovr", "ovr", "did you mean `over`?");
        refused("1..2", "1..2", "at least two samples");
        refused("1 until 3s, 2 until 2s", "2", "`until 2s` lies not after 3s");
        refused("1 x0", "x0", "at least once");
        refused("1 x99999999", "1", "more than 2000000 samples");
        refused("good x3", "good", "needs a number");
        refused("1 for soon", "soon", "length of time");
        refused("1 noise 0.1", "noise", "seed");
        refused("1 x2 x3", "x3", "twice");
        refused("gap 5", "gap 5", "without a sample");
        refused("nan", "nan", "number");
        refused("every 0, 1", "0", "longer than 0");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "[0-9a-z., x\n]{0,40}") {
            if let Ok(series) = read(&text, 0, 1000) {
                prop_assert!(series.samples.len() <= READINGS_MAX);
                prop_assert!(series.samples.is_sorted_by(|a, b| a.at_ms < b.at_ms));
                prop_assert!(series.samples.iter().all(|s| s.at_ms < series.end_ms));
            }
        }
    }
}
