//! What a logger says about a value (`Flag`) and what that is worth.

use siskin_model::Quality;

/// The quality of a flag: HJ 212-2017, table 8. Letters are case-sensitive, as all names are.
///
/// `P` (power failure) is of HJ/T 212-2005 and unverified. What the table does not have is never
/// good.
pub(super) fn quality(flag: &str) -> Quality {
    match flag {
        "N" => Quality::Good,
        // Above the measuring range: the air is at least that bad.
        "T" => Quality::OverRange,
        "C" => Quality::Calibration,
        "M" => Quality::Maintenance,
        "S" => Quality::Manual,
        // Stopped, failed, without power: there is no measurement.
        "F" | "D" | "P" => Quality::Fault,
        // The line between analyzer and logger is cut: the logger's number is an old one.
        "B" => Quality::CommLost,
        _ => Quality::Uncertain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_n_is_good_and_t_is_high() {
        use Quality::{Calibration, CommLost, Fault, Good, Maintenance, Manual, OverRange};
        let table = [
            ("N", Good),
            ("T", OverRange),
            ("C", Calibration),
            ("M", Maintenance),
            ("S", Manual),
            ("F", Fault),
            ("D", Fault),
            ("P", Fault),
            ("B", CommLost),
        ];
        for (flag, want) in table {
            assert_eq!(quality(flag), want, "{flag}");
        }
        for flag in ["", "n", "NN", "N ", "0", "1", "X", "正常"] {
            assert_eq!(quality(flag), Quality::Uncertain, "{flag}");
        }
    }
}
