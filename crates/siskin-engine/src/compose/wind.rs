//! The wind over a site: the mean vector of the last minutes, for gates on who may corroborate
//! whom.
//!
//! A function of the readings of the last [`MEAN_MIN`] whole minutes, so that the order within a
//! minute does not matter. Where the wind is not known or weak the gate is open: not knowing never
//! takes a corroboration away.

use std::collections::BTreeMap;

use crate::rule::WindGate;

/// Minutes that are averaged.
pub const MEAN_MIN: i64 = 10;
/// Minutes that are kept for spans that are judged again.
pub const KEPT_MIN: usize = 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// Sums of one minute.
#[derive(Debug, Clone, Copy, Default)]
struct Minute {
    speed: f64,
    speeds: u32,
    east: f64,
    north: f64,
    directions: u32,
}

/// The wind of the last hours, by minute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wind {
    minutes: BTreeMap<i64, Minute>,
}

impl Wind {
    /// Says whether it is the first one of its minute.
    pub(crate) fn speed(&mut self, t_ms: i64, m_s: f64) -> bool {
        let minute = self.minute(t_ms);
        minute.speed += m_s;
        minute.speeds += 1;
        minute.speeds + minute.directions == 1
    }

    /// `from_deg`: where it comes from, clockwise from north. Says whether it is the first one of
    /// its minute.
    pub(crate) fn direction(&mut self, t_ms: i64, from_deg: f64) -> bool {
        let (sin, cos) = from_deg.to_radians().sin_cos();
        let minute = self.minute(t_ms);
        minute.east += sin;
        minute.north += cos;
        minute.directions += 1;
        minute.speeds + minute.directions == 1
    }

    fn minute(&mut self, t_ms: i64) -> &mut Minute {
        if self.minutes.len() > KEPT_MIN {
            self.minutes.pop_first();
        }
        self.minutes.entry(t_ms.div_euclid(MINUTE_MS)).or_default()
    }

    /// When the mean may have changed, from `from_ms` on.
    pub(crate) fn turns_since_ms(&self, from_ms: i64) -> impl Iterator<Item = i64> {
        let first = from_ms.div_euclid(MINUTE_MS) - MEAN_MIN - 1;
        let minutes = self.minutes.range(first..).map(|(minute, _)| minute * MINUTE_MS);
        minutes.flat_map(turns_ms).filter(move |at_ms| *at_ms > from_ms)
    }

    /// Mean speed and direction over the whole minutes before `t_ms`.
    pub(crate) fn at(&self, t_ms: i64) -> Option<(f64, f64)> {
        let minute = t_ms.div_euclid(MINUTE_MS);
        let mut sum = Minute::default();
        for one in self.minutes.range(minute - MEAN_MIN..minute).map(|(_, one)| one) {
            sum.speed += one.speed;
            sum.speeds += one.speeds;
            sum.east += one.east;
            sum.north += one.north;
            sum.directions += one.directions;
        }
        if sum.speeds == 0 || sum.directions == 0 {
            return None;
        }
        let from_deg = sum.east.atan2(sum.north).to_degrees();
        Some((sum.speed / f64::from(sum.speeds), from_deg))
    }

    /// Whether two places `bearing_deg` apart may corroborate each other.
    pub(crate) fn is_open(&self, gate: WindGate, t_ms: i64, bearing_deg: f64) -> bool {
        let Some((speed_m_s, from_deg)) = self.at(t_ms) else {
            return true;
        };
        if speed_m_s < gate.speed_min_m_s {
            return true;
        }
        // Along the wind in either direction: 0 to 90 degrees between the two lines.
        let off = (bearing_deg - from_deg).rem_euclid(180.0);
        off.min(180.0 - off) <= gate.half_angle_deg
    }
}

/// When the minute of `t_ms` enters the mean and when it leaves it.
pub(crate) fn turns_ms(t_ms: i64) -> [i64; 2] {
    let minute = t_ms.div_euclid(MINUTE_MS);
    [minute + 1, minute + MEAN_MIN + 1].map(|minute| minute * MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: WindGate = WindGate { speed_min_m_s: 1.0, half_angle_deg: 45.0 };

    fn blowing(from_deg: f64, m_s: f64) -> Wind {
        let mut wind = Wind::default();
        for s in 0..60 {
            wind.speed(s * 1000, m_s);
            wind.direction(s * 1000, from_deg);
        }
        wind
    }

    #[test]
    fn only_along_the_wind() {
        let west = blowing(270.0, 3.0);
        assert!(west.is_open(GATE, 60_000, 90.0), "downwind");
        assert!(west.is_open(GATE, 60_000, 270.0), "upwind");
        assert!(west.is_open(GATE, 60_000, 50.0), "within 45 degrees");
        assert!(!west.is_open(GATE, 60_000, 0.0), "across");
        assert!(!west.is_open(GATE, 60_000, 180.0), "across");
    }

    #[test]
    fn not_knowing_and_calm_air_open_the_gate() {
        assert!(Wind::default().is_open(GATE, 60_000, 0.0));
        assert!(blowing(270.0, 0.5).is_open(GATE, 60_000, 0.0));
        // Eleven minutes later nothing is known any more.
        assert!(blowing(270.0, 3.0).is_open(GATE, 12 * 60_000, 0.0));
    }

    #[test]
    fn directions_are_averaged_over_north() {
        let mut wind = blowing(350.0, 2.0);
        for s in 60..120 {
            wind.speed(s * 1000, 4.0);
            wind.direction(s * 1000, 10.0);
        }
        let (speed_m_s, from_deg) = wind.at(120_000).unwrap();
        assert!((speed_m_s - 3.0).abs() < 1e-9 && from_deg.abs() < 1e-9);
    }
}
