//! A Gaussian plume over flat ground, with reflection and Briggs' sigmas.
//!
//! Pure arithmetic. It is good for a believable park, not for advice to people: no dense gas, no
//! buildings, no lid. A finite width of the cloud at the source stands in for the spreading of a
//! dense cloud.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};
use siskin_model::site::Position;

/// Nearer than this the sigmas vanish and the formula has no meaning.
const DOWNWIND_MIN_M: f64 = 1.0;
/// A plume needs a wind; calmer air is taken as this.
const SPEED_MIN_M_S: f64 = 0.5;
/// Width of a source in standard deviations of the cloud it makes (near-wake rule, unverified).
const WIDTH_PER_SIGMA: f64 = 4.3;

/// Pasquill's stability classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stability {
    /// Very unstable.
    A,
    /// Unstable.
    B,
    /// Slightly unstable.
    C,
    /// Neutral.
    D,
    /// Slightly stable.
    E,
    /// Stable.
    F,
}

/// How rough the ground is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Terrain {
    /// Open country.
    Rural,
    /// Buildings and plants.
    Urban,
}

/// Briggs' form `a · x · (1 + b · x)^p`, x in metres.
#[derive(Debug, Clone, Copy)]
struct Briggs {
    a: f64,
    b: f64,
    p: f64,
}

const fn briggs(a: f64, b: f64, p: f64) -> Briggs {
    Briggs { a, b, p }
}

impl Briggs {
    fn at(self, x_m: f64) -> f64 {
        self.a * x_m * (1.0 + self.b * x_m).powf(self.p)
    }
}

/// Crosswind and vertical spread (Briggs 1973, as in CCPS 1999).
fn spreads(stability: Stability, terrain: Terrain) -> (Briggs, Briggs) {
    use Stability::{A, B, C, D, E, F};
    match (terrain, stability) {
        (Terrain::Rural, A) => (briggs(0.22, 1e-4, -0.5), briggs(0.20, 0.0, 0.0)),
        (Terrain::Rural, B) => (briggs(0.16, 1e-4, -0.5), briggs(0.12, 0.0, 0.0)),
        (Terrain::Rural, C) => (briggs(0.11, 1e-4, -0.5), briggs(0.08, 2e-4, -0.5)),
        (Terrain::Rural, D) => (briggs(0.08, 1e-4, -0.5), briggs(0.06, 1.5e-3, -0.5)),
        (Terrain::Rural, E) => (briggs(0.06, 1e-4, -0.5), briggs(0.03, 3e-4, -1.0)),
        (Terrain::Rural, F) => (briggs(0.04, 1e-4, -0.5), briggs(0.016, 3e-4, -1.0)),
        (Terrain::Urban, A | B) => (briggs(0.32, 4e-4, -0.5), briggs(0.24, 1e-3, 0.5)),
        (Terrain::Urban, C) => (briggs(0.22, 4e-4, -0.5), briggs(0.20, 0.0, 0.0)),
        (Terrain::Urban, D) => (briggs(0.16, 4e-4, -0.5), briggs(0.14, 3e-4, -0.5)),
        (Terrain::Urban, E | F) => (briggs(0.11, 4e-4, -0.5), briggs(0.08, 1.5e-3, -0.5)),
    }
}

/// The wind at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindNow {
    /// Where it comes from, clockwise from north.
    pub from_deg: f64,
    /// Its speed.
    pub speed_m_s: f64,
}

/// A place above the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where on the plan.
    pub position: Position,
    /// Height above ground.
    pub height_m: f64,
}

/// The air of the park at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plume {
    /// Pasquill class.
    pub stability: Stability,
    /// Roughness.
    pub terrain: Terrain,
    /// The wind.
    pub wind: WindNow,
}

impl Plume {
    /// How far `to` lies downwind of `from` and how far to the left of the axis, m.
    pub fn along_and_across(&self, from: Position, to: Position) -> (f64, f64) {
        // The wind blows towards the opposite of where it comes from.
        let (sine, cosine) = self.wind.from_deg.to_radians().sin_cos();
        let (east, north) = (to.x_m - from.x_m, to.y_m - from.y_m);
        (-east * sine - north * cosine, east * cosine - north * sine)
    }

    /// How long the wind takes from `from` to `to`; 0 upwind.
    pub fn travel_s(&self, from: Position, to: Position) -> f64 {
        let (along_m, _) = self.along_and_across(from, to);
        along_m.max(0.0) / self.speed_m_s()
    }

    /// Concentration at `at`, in g/m³ per g/s of a steady source of `width_m` at `source`.
    pub fn dilution_s_m3(&self, source: Point, width_m: f64, at: Point) -> f64 {
        let (along_m, across_m) = self.along_and_across(source.position, at.position);
        if along_m <= 0.0 {
            return 0.0;
        }
        let along_m = along_m.max(DOWNWIND_MIN_M);
        let (crosswind, vertical) = spreads(self.stability, self.terrain);
        let sigma_y = crosswind.at(along_m).hypot(width_m / WIDTH_PER_SIGMA);
        let sigma_z = vertical.at(along_m);
        let bell = |distance: f64, sigma: f64| (-0.5 * (distance / sigma).powi(2)).exp();
        let direct = bell(at.height_m - source.height_m, sigma_z);
        let reflected = bell(at.height_m + source.height_m, sigma_z);
        bell(across_m, sigma_y) * (direct + reflected)
            / (2.0 * PI * self.speed_m_s() * sigma_y * sigma_z)
    }

    fn speed_m_s(&self) -> f64 {
        self.wind.speed_m_s.max(SPEED_MIN_M_S)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Stability; 6] =
        [Stability::A, Stability::B, Stability::C, Stability::D, Stability::E, Stability::F];

    /// A west wind, so that downwind is east and left of the axis is north.
    fn plume(stability: Stability, terrain: Terrain, speed_m_s: f64) -> Plume {
        let wind = WindNow { from_deg: 270.0, speed_m_s };
        Plume { stability, terrain, wind }
    }

    fn point(x_m: f64, y_m: f64, height_m: f64) -> Point {
        let position = Position { x_m, y_m };
        Point { position, height_m }
    }

    fn check(terrain: Terrain, at: Point, height_m: f64, expected: f64) {
        let plume = plume(Stability::D, terrain, 4.0);
        let got = plume.dilution_s_m3(point(0.0, 0.0, height_m), 0.0, at);
        assert!((got / expected - 1.0).abs() < 1e-4, "{got} {expected}");
    }

    #[test]
    fn hand_values_of_class_d() {
        // Rural, 100 m: sy = 8/sqrt(1.01) = 7.96030, sz = 6/sqrt(1.15) = 5.59503.
        // On the ground, ground source: 1/(pi·4·sy·sz) = 1.78673e-3.
        check(Terrain::Rural, point(100.0, 0.0, 0.0), 0.0, 1.786_73e-3);
        // 10 m beside the axis: exp(-0.5·(10/7.96030)²) = 0.454270 of it.
        check(Terrain::Rural, point(100.0, 10.0, 0.0), 0.0, 8.116_58e-4);
        // Source and inlet at 2 m: (1 + exp(-0.5·(4/5.59503)²))/2 = 0.887243 of the first.
        check(Terrain::Rural, point(100.0, 0.0, 2.0), 2.0, 1.585_26e-3);
        // Urban, 500 m: sy = 80/sqrt(1.2) = 73.0297, sz = 70/sqrt(1.15) = 65.2753.
        check(Terrain::Urban, point(500.0, 0.0, 0.0), 0.0, 1.669_33e-5);
    }

    #[test]
    fn nothing_comes_upwind() {
        let plume = plume(Stability::D, Terrain::Urban, 4.0);
        for x_m in [-100.0, -1.0, 0.0] {
            let got = plume.dilution_s_m3(point(0.0, 0.0, 0.0), 40.0, point(x_m, 0.0, 0.0));
            assert!(got.abs() < f64::EPSILON, "{x_m}: {got}");
        }
    }

    #[test]
    fn the_axis_follows_the_wind() {
        let origin = Position { x_m: 0.0, y_m: 0.0 };
        for (from_deg, x_m, y_m) in [
            (270.0, 1.0, 0.0),
            (180.0, 0.0, 1.0),
            (0.0, 0.0, -1.0),
            (247.5, 0.923_879_5, 0.382_683_4),
        ] {
            let mut plume = plume(Stability::D, Terrain::Urban, 4.0);
            plume.wind.from_deg = from_deg;
            let (along, across) = plume.along_and_across(origin, Position { x_m, y_m });
            assert!((along - 1.0).abs() < 1e-6 && across.abs() < 1e-6, "{from_deg}");
        }
    }

    #[test]
    fn what_leaves_the_source_passes_every_plane() {
        for stability in ALL {
            for terrain in [Terrain::Rural, Terrain::Urban] {
                for (x_m, width_m) in [(30.0, 0.0), (30.0, 40.0), (400.0, 40.0)] {
                    let plume = plume(stability, terrain, 3.0);
                    let flux = flux(&plume, x_m, width_m);
                    assert!((flux - 1.0).abs() < 1e-3, "{stability:?} {terrain:?} {x_m}: {flux}");
                }
            }
        }
    }

    /// Mass through the plane at `x_m` of a source of 1 g/s: the integral of C·U by the midpoint
    /// rule over ±6 and 0..6 spreads.
    fn flux(plume: &Plume, x_m: f64, width_m: f64) -> f64 {
        const STEPS: u32 = 120;
        let (crosswind, vertical) = spreads(plume.stability, plume.terrain);
        let reach_y = 6.0 * crosswind.at(x_m).hypot(width_m / WIDTH_PER_SIGMA);
        let reach_z = 6.0 * vertical.at(x_m) + 2.0;
        let middle = |i: u32| (f64::from(i) + 0.5) / f64::from(STEPS);
        let area = 2.0 * reach_y * reach_z / f64::from(STEPS * STEPS);
        let mut sum = 0.0;
        for (i, j) in (0..STEPS).flat_map(|i| (0..STEPS).map(move |j| (i, j))) {
            let at = point(x_m, (2.0 * middle(i) - 1.0) * reach_y, middle(j) * reach_z);
            sum += plume.dilution_s_m3(point(0.0, 0.0, 1.0), width_m, at);
        }
        sum * area * plume.wind.speed_m_s
    }

    proptest! {
        #[test]
        fn finite_never_negative_and_the_same_on_both_sides(
            class in 0..6usize,
            urban in any::<bool>(),
            speed_m_s in 0.0..30.0f64,
            x_m in -2000.0..2000.0f64,
            y_m in 0.0..500.0f64,
            z_m in 0.0..50.0f64,
            height_m in 0.0..50.0f64,
            width_m in 0.0..100.0f64,
        ) {
            let terrain = if urban { Terrain::Urban } else { Terrain::Rural };
            let plume = plume(ALL[class], terrain, speed_m_s);
            let source = point(0.0, 0.0, height_m);
            let left = plume.dilution_s_m3(source, width_m, point(x_m, y_m, z_m));
            let right = plume.dilution_s_m3(source, width_m, point(x_m, -y_m, z_m));
            prop_assert!(left.is_finite() && left >= 0.0);
            prop_assert!((left - right).abs() <= left * 1e-6 + 1e-300);
            let axis = plume.dilution_s_m3(source, width_m, point(x_m, 0.0, z_m));
            prop_assert!(left <= axis * (1.0 + 1e-9));
        }
    }
}
