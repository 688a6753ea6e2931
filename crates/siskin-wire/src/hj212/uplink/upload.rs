//! Contents of data messages: what is said of each factor, cut into parts that fit.
//!
//! Averages carry the begin of their period, real-time data the moment (HJ 212-2017, table 4).
//! Every part carries `DataTime`, so that one that arrives alone is understood. A factor without a
//! number is said with its flag alone.

use siskin_model::Timestamp;
use siskin_model::uplink::{UplinkCause, UplinkDraft, UplinkFactor, UplinkKind};

use super::figure::{Mean, Spot, total};
use crate::hj212::moment;

/// The longest content (HJ 212-2017, 6.3).
pub const CONTENT_BYTES_MAX: usize = 950;
/// The same before encryption: hex makes two bytes of one, and a block may be added.
pub const SEALED_BYTES_MAX: usize = 448;

/// When and how a message is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Its kind.
    pub kind: UplinkKind,
    /// Why it is sent.
    pub cause: UplinkCause,
    /// What it tells of.
    pub data_time: Timestamp,
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
    /// The longest content of one part.
    pub bytes_max: usize,
}

/// Real-time data.
pub fn real_time(factors: &[(&UplinkFactor, Spot)], form: Form) -> Vec<UplinkDraft> {
    let group = |(factor, spot): &(&UplinkFactor, Spot)| {
        let mut group = String::new();
        if let Some(value) = spot.value {
            item(&mut group, &factor.code, "Rtd", &value.text(factor.decimals));
        }
        item(&mut group, &factor.code, "Flag", &spot.flag.letter().to_string());
        group
    };
    parts(factors.iter().map(group), form)
}

/// Averages of periods of `length_ms`.
pub fn averages(factors: &[(&UplinkFactor, Mean)], length_ms: i64, form: Form) -> Vec<UplinkDraft> {
    let group = |(factor, mean): &(&UplinkFactor, Mean)| {
        let mut group = String::new();
        let mut add = |field, value: &str| item(&mut group, &factor.code, field, value);
        if let Some(total) = total(mean, length_ms, factor) {
            add("Cou", &total.text(factor.decimals));
        }
        if let Some(numbers) = mean.numbers {
            // An angle has no least and no greatest.
            if !factor.is_direction {
                add("Min", &numbers.min.text(factor.decimals));
            }
            add("Avg", &numbers.mean.text(factor.decimals));
            if !factor.is_direction {
                add("Max", &numbers.max.text(factor.decimals));
            }
        }
        add("Flag", &mean.flag.letter().to_string());
        group
    };
    parts(factors.iter().map(group), form)
}

fn item(group: &mut String, code: &str, field: &str, value: &str) {
    if !group.is_empty() {
        group.push(',');
    }
    group.push_str(code);
    group.push('-');
    group.push_str(field);
    group.push('=');
    group.push_str(value);
}

/// Messages of as many whole groups as fit; a group is far shorter than a content may be.
fn parts(groups: impl Iterator<Item = String>, form: Form) -> Vec<UplinkDraft> {
    let head = format!("DataTime={}", moment::to_second(form.data_time, form.utc_offset_s));
    let mut contents: Vec<String> = Vec::new();
    for group in groups {
        match contents.last_mut() {
            Some(last) if last.len() + 1 + group.len() <= form.bytes_max => {
                last.push(';');
                last.push_str(&group);
            }
            _ => contents.push(format!("{head};{group}")),
        }
    }
    let count = u16::try_from(contents.len()).unwrap_or(u16::MAX);
    let draft = |(number, cp)| UplinkDraft {
        kind: form.kind,
        cause: form.cause,
        data_time: form.data_time,
        part: (count, number),
        cp,
    };
    (1..=count).zip(contents).map(draft).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::{ChannelId, ChannelIndex};

    use super::*;
    use crate::hj212::Content;
    use crate::hj212::uplink::exact::Nano;
    use crate::hj212::uplink::figure::{Flag, Numbers};

    fn factor(code: &str) -> UplinkFactor {
        UplinkFactor {
            channel: ChannelIndex(0),
            channel_id: ChannelId::new("a").unwrap(),
            code: code.into(),
            unit: "mg/m3".into(),
            factor: 1.0,
            decimals: 3,
            range_high: 50.0,
            poll_ms: 5000,
            is_direction: false,
            cou_per_h: None,
            serial: None,
        }
    }

    fn form(kind: UplinkKind) -> Form {
        // 2026-01-01T08:00:00+08:00.
        let data_time = Timestamp::from_millis(1_767_225_600_000);
        let bytes_max = CONTENT_BYTES_MAX;
        Form { kind, cause: UplinkCause::Due, data_time, utc_offset_s: 28_800, bytes_max }
    }

    fn nano(value: f64) -> Nano {
        Nano::of(value).unwrap()
    }

    #[test]
    fn real_time_data_as_the_standard_has_them() {
        let (a, b) = (factor("a21028"), factor("a21022"));
        let said = real_time(
            &[
                (&a, Spot { value: Some(nano(1.1)), flag: Flag::Normal }),
                (&b, Spot { value: None, flag: Flag::Lost }),
            ],
            form(UplinkKind::RealTime),
        );
        assert_eq!(said.len(), 1);
        assert_eq!(
            said[0].cp,
            "DataTime=20260101080000;a21028-Rtd=1.100,a21028-Flag=N;a21022-Flag=B"
        );
        assert_eq!(said[0].part, (1, 1));
    }

    #[test]
    fn averages_have_their_fields_and_what_has_no_number_has_none() {
        let (a, b) = (UplinkFactor { cou_per_h: Some(2.0), ..factor("a21028") }, factor("a21022"));
        let numbers = Numbers { min: nano(0.0), mean: nano(1.5), max: nano(3.0) };
        let said = averages(
            &[
                (&a, Mean { flag: Flag::Normal, numbers: Some(numbers) }),
                (&b, Mean { flag: Flag::Calibration, numbers: None }),
            ],
            3_600_000,
            form(UplinkKind::Hour),
        );
        assert_eq!(
            said[0].cp,
            "DataTime=20260101080000;a21028-Cou=3.000,a21028-Min=0.000,a21028-Avg=1.500,\
             a21028-Max=3.000,a21028-Flag=N;a21022-Flag=C"
        );
    }

    proptest! {
        #[test]
        fn parts_fit_and_hold_every_factor_once(count in 1usize..120, bytes_max in 120usize..950) {
            let factors: Vec<_> = (0..count).map(|i| factor(&format!("a{i:05}"))).collect();
            let numbers = Numbers { min: nano(0.1), mean: nano(1.5), max: nano(3.0) };
            let mean = Mean { flag: Flag::Normal, numbers: Some(numbers) };
            let all: Vec<_> = factors.iter().map(|factor| (factor, mean)).collect();
            let form = Form { bytes_max, ..form(UplinkKind::Minute) };
            let said = averages(&all, 60_000, form);
            let mut found = Vec::new();
            for (number, draft) in (1..).zip(&said) {
                prop_assert!(draft.cp.len() <= bytes_max);
                prop_assert_eq!(draft.part, (u16::try_from(said.len()).unwrap(), number));
                let content = Content::of(&draft.cp);
                prop_assert_eq!(content.data_time(), Some("20260101080000"));
                found.extend(content.factors.keys().map(|code| (*code).to_owned()));
            }
            let want: Vec<_> = factors.iter().map(|factor| factor.code.clone()).collect();
            prop_assert_eq!(found, want);
        }
    }
}
