//! Order statistics of a few thousand numbers at most.
//!
//! Must never see a NaN: the callers make their numbers from whole quanta.

/// The quantile `q` (0 to 1) between its neighbours in order: place q·(n − 1), counted from 0, and
/// a straight line between whole places. None of nothing. The order of `values` is lost.
pub(super) fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (place.floor(), place.fract());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let (_, at, above) = values.select_nth_unstable_by(below as usize, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*at);
    Some(*at + part * (next - *at))
}

/// The middle one, or the middle of the two middle ones.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let check = |values: &[f64], q, want| {
            assert_eq!(quantile(&mut values.to_vec(), q), want, "{values:?} {q}");
        };
        check(&[], 0.5, None);
        check(&[7.0], 0.2, Some(7.0));
        check(&[5.0, 1.0, 3.0], 0.5, Some(3.0));
        check(&[4.0, 1.0, 3.0, 2.0], 0.5, Some(2.5));
        check(&[50.0, 10.0, 40.0, 20.0, 30.0], 0.25, Some(20.0));
        check(&[50.0, 10.0, 40.0, 20.0, 30.0], 0.2, Some(18.0));
        check(&[2.0, 1.0], 0.0, Some(1.0));
    }

    proptest! {
        #[test]
        fn as_if_sorted(
            mut values in prop::collection::vec(-1e6..1e6f64, 1..60), q in 0.0..1.0f64,
        ) {
            let got = quantile(&mut values, q).unwrap();
            values.sort_by(f64::total_cmp);
            let share = |f: &dyn Fn(f64) -> bool| values.iter().filter(|v| f(**v)).count() as f64;
            let n = values.len() as f64;
            prop_assert!(share(&|v| v <= got) >= (q * (n - 1.0)).floor());
            prop_assert!(share(&|v| v < got) <= (q * (n - 1.0)).ceil());
        }
    }
}
