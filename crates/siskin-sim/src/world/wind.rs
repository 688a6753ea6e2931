//! The wind over the park: a slow swing around a mean, meander and gusts on top.
//!
//! One wind for the whole park, at one height. Same seed and same steps, same wind.

use std::f64::consts::TAU;

use super::plume::WindNow;
use super::random::{Noise, Wander};
use crate::scenario::WindModel;

/// Gusts never take the wind below this share of its mean speed, so that a plume stays defined.
const LULL_SHARE_MIN: f64 = 0.2;

/// The wind and its memory.
#[derive(Debug)]
pub(crate) struct Wind {
    model: WindModel,
    noise: Noise,
    meander: Wander,
    gust: Wander,
}

impl Wind {
    pub(crate) fn new(model: WindModel, seed: u64) -> Self {
        let mut noise = Noise::new(seed, "wind");
        Self {
            meander: Wander::new(model.meander_deg, model.meander_time_s, &mut noise),
            gust: Wander::new(model.gust_share, model.gust_time_s, &mut noise),
            model,
            noise,
        }
    }

    /// The wind at `t_s`, `dt_s` after the last call.
    pub(crate) fn step(&mut self, t_s: f64, dt_s: f64) -> WindNow {
        let swing = (TAU * t_s / self.model.swing_period_s).sin() * self.model.swing_deg;
        let meander = self.meander.step(dt_s, &mut self.noise);
        let gust = self.gust.step(dt_s, &mut self.noise);
        WindNow {
            from_deg: (self.model.from_deg + swing + meander).rem_euclid(360.0),
            speed_m_s: self.model.speed_m_s * (1.0 + gust).max(LULL_SHARE_MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(meander_deg: f64, gust_share: f64) -> WindModel {
        WindModel {
            from_deg: 355.0,
            swing_deg: 10.0,
            swing_period_s: 400.0,
            meander_deg,
            meander_time_s: 60.0,
            speed_m_s: 4.0,
            gust_share,
            gust_time_s: 20.0,
        }
    }

    fn run(model: WindModel, seed: u64, seconds: u32) -> Vec<WindNow> {
        let mut wind = Wind::new(model, seed);
        (0..seconds).map(|s| wind.step(f64::from(s), 1.0)).collect()
    }

    #[test]
    fn it_turns_slowly_through_north_and_back() {
        let seen = run(model(0.0, 0.0), 1, 401);
        for (second, expected) in [(0, 355.0), (100, 5.0), (200, 355.0), (300, 345.0)] {
            let got = seen[second].from_deg;
            assert!((got - expected).abs() < 1e-6, "{second}: {got}");
            assert!((seen[second].speed_m_s - 4.0).abs() < 1e-9);
        }
    }

    #[test]
    fn the_seed_makes_the_wind_and_gusts_never_stop_it() {
        let wild = model(5.0, 2.0);
        assert_eq!(run(wild, 1, 500), run(wild, 1, 500));
        assert_ne!(run(wild, 1, 500), run(wild, 2, 500));
        for wind in run(wild, 3, 2000) {
            assert!((0.0..360.0).contains(&wind.from_deg));
            assert!(wind.speed_m_s >= 0.8 - 1e-9, "{}", wind.speed_m_s);
        }
    }
}
