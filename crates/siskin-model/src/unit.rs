//! Units and the conversion ppm ↔ mg/m³ at a stated temperature and pressure.
//!
//! Ideal gas: one mole takes R·T/p. At 25 °C and 101.325 kPa (the reference state of
//! HJ and GB 3095 since 2018) that is 24.465 litres, so mg/m³ = ppm · M / 24.465.

use serde::{Deserialize, Serialize};

/// Molar gas constant, J/(mol·K) (CODATA 2018, exact).
const GAS_CONSTANT: f64 = 8.314_462_618;
/// 0 °C in kelvin.
const ZERO_CELSIUS_K: f64 = 273.15;

/// What a value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Parts per million by volume.
    #[serde(rename = "ppm")]
    Ppm,
    /// Parts per billion by volume.
    #[serde(rename = "ppb")]
    Ppb,
    /// Milligrams per cubic metre.
    #[serde(rename = "mg/m3")]
    MilligramPerM3,
    /// Micrograms per cubic metre.
    #[serde(rename = "ug/m3")]
    MicrogramPerM3,
    /// Percent by volume.
    #[serde(rename = "%vol")]
    PercentVolume,
    /// Percent of the lower explosive limit.
    #[serde(rename = "%LEL")]
    PercentLel,
    /// Wind speed.
    #[serde(rename = "m/s")]
    MetrePerSecond,
    /// Wind direction the wind comes from, clockwise from north.
    #[serde(rename = "deg")]
    Degree,
    /// Temperature.
    #[serde(rename = "degC")]
    Celsius,
    /// Air pressure.
    #[serde(rename = "hPa")]
    Hectopascal,
    /// Relative humidity.
    #[serde(rename = "%RH")]
    PercentHumidity,
}

/// The state of the air at which ppm and mg/m³ are converted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Temperature, °C.
    pub temperature_c: f64,
    /// Pressure, hPa.
    pub pressure_hpa: f64,
}

impl Conditions {
    /// 25 °C and 1013.25 hPa.
    pub const REFERENCE: Self = Self { temperature_c: 25.0, pressure_hpa: 1013.25 };

    /// Litres of one mole of an ideal gas.
    pub fn molar_volume_l(self) -> f64 {
        let pressure_pa = self.pressure_hpa * 100.0;
        GAS_CONSTANT * (self.temperature_c + ZERO_CELSIUS_K) / pressure_pa * 1000.0
    }
}

impl Unit {
    /// The units that count how much gas is in the air.
    pub const OF_GAS: [Self; 6] = [
        Self::Ppm,
        Self::Ppb,
        Self::MilligramPerM3,
        Self::MicrogramPerM3,
        Self::PercentVolume,
        Self::PercentLel,
    ];

    /// As written in files and on pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ppm => "ppm",
            Self::Ppb => "ppb",
            Self::MilligramPerM3 => "mg/m3",
            Self::MicrogramPerM3 => "ug/m3",
            Self::PercentVolume => "%vol",
            Self::PercentLel => "%LEL",
            Self::MetrePerSecond => "m/s",
            Self::Degree => "deg",
            Self::Celsius => "degC",
            Self::Hectopascal => "hPa",
            Self::PercentHumidity => "%RH",
        }
    }

    /// Whether the unit counts how much gas is in the air.
    pub const fn is_concentration(self) -> bool {
        matches!(
            self,
            Self::Ppm
                | Self::Ppb
                | Self::MilligramPerM3
                | Self::MicrogramPerM3
                | Self::PercentVolume
                | Self::PercentLel
        )
    }

    /// What one of this unit is in ppm; `None` where that cannot be said (not a concentration,
    /// a mass without a molar mass, %LEL without a lower explosive limit).
    fn in_ppm(
        self,
        molar_mass: Option<f64>,
        lel_vol_pct: Option<f64>,
        at: Conditions,
    ) -> Option<f64> {
        match self {
            Self::Ppm => Some(1.0),
            Self::Ppb => Some(1e-3),
            Self::PercentVolume => Some(1e4),
            Self::MilligramPerM3 => molar_mass.map(|m| at.molar_volume_l() / m),
            Self::MicrogramPerM3 => molar_mass.map(|m| at.molar_volume_l() / m * 1e-3),
            Self::PercentLel => lel_vol_pct.map(|lel| lel * 100.0),
            _ => None,
        }
    }
}

/// The factor that turns a value in `from` into one in `to`; `None` where the units cannot be
/// converted. `molar_mass` is in g/mol, `lel_vol_pct` in % by volume.
pub fn factor(
    from: Unit,
    to: Unit,
    molar_mass: Option<f64>,
    lel_vol_pct: Option<f64>,
    at: Conditions,
) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    let from_ppm = from.in_ppm(molar_mass, lel_vol_pct, at)?;
    let to_ppm = to.in_ppm(molar_mass, lel_vol_pct, at)?;
    Some(from_ppm / to_ppm)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CL2: Option<f64> = Some(70.906);

    fn close(got: Option<f64>, want: f64) {
        let got = got.unwrap();
        assert!((got / want - 1.0).abs() < 1e-4, "got {got}, want {want}");
    }

    #[test]
    fn chlorine_by_hand() {
        // 1 ppm · 70.906 g/mol / 24.465 l/mol = 2.8983 mg/m³ at 25 °C and 1 atm.
        let reference = Conditions::REFERENCE;
        close(factor(Unit::Ppm, Unit::MilligramPerM3, CL2, None, reference), 2.8983);
        // GBZ 2.1 MAC of 1 mg/m³ in ppm.
        close(factor(Unit::MilligramPerM3, Unit::Ppm, CL2, None, reference), 0.345_03);
        // In Taiyuan at 0 °C and 920 hPa a mole takes 24.686 l.
        let cold = Conditions { temperature_c: 0.0, pressure_hpa: 920.0 };
        close(factor(Unit::Ppm, Unit::MilligramPerM3, CL2, None, cold), 2.8723);
        close(factor(Unit::PercentLel, Unit::Ppm, None, Some(4.0), reference), 400.0);
    }

    #[test]
    fn what_cannot_be_converted_is_not() {
        let at = Conditions::REFERENCE;
        assert_eq!(factor(Unit::Ppm, Unit::MilligramPerM3, None, None, at), None);
        assert_eq!(factor(Unit::Ppm, Unit::Celsius, CL2, None, at), None);
        assert_eq!(factor(Unit::PercentLel, Unit::Ppm, CL2, None, at), None);
        assert_eq!(factor(Unit::Celsius, Unit::Celsius, None, None, at), Some(1.0));
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same(
            molar_mass in 2.0..400.0f64,
            temperature_c in -40.0..60.0f64,
            pressure_hpa in 600.0..1100.0f64,
        ) {
            let at = Conditions { temperature_c, pressure_hpa };
            let there = factor(Unit::Ppb, Unit::MilligramPerM3, Some(molar_mass), None, at);
            let back = factor(Unit::MilligramPerM3, Unit::Ppb, Some(molar_mass), None, at);
            let product = there.unwrap() * back.unwrap();
            prop_assert!((product - 1.0).abs() < 1e-12);
        }
    }
}
