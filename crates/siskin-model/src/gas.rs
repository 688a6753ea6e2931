//! A gas of the catalogue: who it is and which limits the standards set for it.
//!
//! Limits are data with a source and a mark whether they were verified; they never stand in code.
//! The catalogue's files are `firmware-configs/gases/*.toml`.

use serde::{Deserialize, Serialize};

use crate::unit::{self, Conditions};
use crate::{GasId, Text, Unit};

/// One limit of one gas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Standard, edition and table or clause.
    pub source: String,
    /// Whether the number was read in the source itself. An unverified limit is never a default
    /// without the file that holds it saying so.
    pub verified: bool,
}

/// Occupational exposure limits (GBZ 2.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OccupationalLimits {
    /// 最高容许浓度, never to be exceeded.
    pub mac: Option<Limit>,
    /// 时间加权平均容许浓度, mean over 8 h.
    pub pc_twa: Option<Limit>,
    /// 短时间接触容许浓度, mean over 15 min.
    pub pc_stel: Option<Limit>,
}

/// Acute toxicity end-points (HJ 169-2018, table H.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EndPoints {
    /// 大气毒性终点浓度-1, the higher one.
    pub endpoint_1: Option<Limit>,
    /// 大气毒性终点浓度-2, the lower one.
    pub endpoint_2: Option<Limit>,
}

/// One row of an AEGL table: ppm by exposure time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AeglRow {
    /// 1, 2 or 3.
    pub level: u8,
    /// Exposure time.
    pub minutes: u16,
    /// Concentration.
    pub ppm: f64,
}

/// Acute toxicity and fire data from outside China.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Toxicity {
    /// Immediately dangerous to life or health (NIOSH).
    pub idlh: Option<Limit>,
    /// Lower explosive limit in air.
    pub lel: Option<Limit>,
    /// `final`, `interim` or `none`.
    pub aegl_status: Option<String>,
    /// Where the table comes from.
    pub aegl_source: Option<String>,
    /// Whether the table was read in the source itself.
    pub aegl_verified: bool,
    /// The table; empty where there is none.
    pub aegl: Vec<AeglRow>,
}

/// A gas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gas {
    /// For example `chlorine`.
    pub id: GasId,
    /// Its names.
    pub name: Text,
    /// CAS registry number; none for mixtures.
    pub cas: Option<String>,
    /// Chemical formula.
    pub formula: String,
    /// Molar mass, g/mol; none for mixtures.
    pub molar_mass_g_mol: Option<f64>,
    /// Factor code of HJ 212 / HJ 524, for example `a21022`.
    pub hj_code: Option<String>,
    /// Where identity and molar mass come from.
    pub source: String,
    /// Occupational limits.
    #[serde(default)]
    pub oel: OccupationalLimits,
    /// HJ 169 end-points.
    #[serde(default)]
    pub hj169: EndPoints,
    /// Acute toxicity.
    #[serde(default)]
    pub acute: Toxicity,
}

impl Gas {
    /// The factor from one unit into another for this gas at `at`.
    pub fn factor(&self, from: Unit, to: Unit, at: Conditions) -> Option<f64> {
        let lel = self.acute.lel.as_ref().filter(|l| l.unit == Unit::PercentVolume);
        unit::factor(from, to, self.molar_mass_g_mol, lel.map(|l| l.value), at)
    }

    /// Every limit with the name it has in files, for showing and for checking.
    pub fn limits(&self) -> Vec<(&'static str, &Limit)> {
        [
            ("oel.mac", &self.oel.mac),
            ("oel.pc_twa", &self.oel.pc_twa),
            ("oel.pc_stel", &self.oel.pc_stel),
            ("hj169.endpoint_1", &self.hj169.endpoint_1),
            ("hj169.endpoint_2", &self.hj169.endpoint_2),
            ("acute.idlh", &self.acute.idlh),
            ("acute.lel", &self.acute.lel),
        ]
        .into_iter()
        .filter_map(|(name, limit)| limit.as_ref().map(|limit| (name, limit)))
        .collect()
    }
}
