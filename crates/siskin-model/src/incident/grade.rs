//! Grades of incidents, and help in judging one: which criteria of the table are met.
//!
//! Only helps: a grade is given by a person. What is not known never counts as zero.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A grade, the least first: IV ordinary (一般), III larger (较大), II major (重大), I especially
/// major (特别重大).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// 一般.
    IV,
    /// 较大.
    III,
    /// 重大.
    II,
    /// 特别重大.
    I,
}

impl Grade {
    /// Every grade, the least first.
    pub const ALL: [Self; 4] = [Self::IV, Self::III, Self::II, Self::I];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IV => "IV",
            Self::III => "III",
            Self::II => "II",
            Self::I => "I",
        }
    }
}

/// What is known of the harm. None is not known; it is never zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Dead.
    pub deaths: Option<u64>,
    /// Poisoned or seriously hurt.
    pub poisoned: Option<u64>,
    /// Evacuated or moved.
    pub evacuated: Option<u64>,
    /// Direct loss.
    pub loss_yuan: Option<u64>,
    /// Ids of further criteria of the table that hold.
    pub other: Vec<String>,
}

impl Figures {
    /// The numbers with the names of their criteria.
    pub fn numbers(&self) -> [(&'static str, Option<u64>); 4] {
        [
            ("deaths", self.deaths),
            ("poisoned", self.poisoned),
            ("evacuated", self.evacuated),
            ("loss_yuan", self.loss_yuan),
        ]
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.other.is_empty() && self.numbers().iter().all(|(_, number)| number.is_none())
    }
}

/// A criterion that is no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its id.
    pub id: String,
    /// What must hold.
    pub name: Text,
    /// Whether it was read in its source.
    pub verified: bool,
}

/// The criteria of a grade: one is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeRow {
    /// The grade.
    pub grade: Grade,
    /// From so many dead.
    pub deaths_from: Option<u64>,
    /// From so many poisoned or seriously hurt.
    pub poisoned_from: Option<u64>,
    /// From so many evacuated.
    pub evacuated_from: Option<u64>,
    /// From so much direct loss.
    pub loss_yuan_from: Option<u64>,
    /// Further criteria.
    pub other: Vec<Criterion>,
}

/// A criterion that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetCriterion {
    /// `deaths`, `poisoned`, `evacuated`, `loss_yuan` or the id of a further one.
    pub criterion: String,
    /// The number that was compared.
    pub value: Option<u64>,
    /// With what.
    pub from: Option<u64>,
    /// What must hold, of a further one.
    pub name: Option<Text>,
    /// Whether the criterion was read in its source.
    pub verified: bool,
}

/// What the table says of the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The highest grade of which a criterion holds; the least of the table where none does.
    pub grade: Grade,
    /// Those that hold in it.
    pub met: Vec<MetCriterion>,
    /// Figures that are not known: each may still raise it.
    pub unknown: Vec<&'static str>,
}

/// What `table` says of `figures`; none while nothing is known.
pub fn suggest(figures: &Figures, table: &[GradeRow]) -> Option<Suggestion> {
    if figures.is_empty() {
        return None;
    }
    let numbers = figures.numbers();
    let unknown = numbers.iter().filter(|(_, n)| n.is_none()).map(|(name, _)| *name).collect();
    let met_in = |row: &GradeRow| -> Vec<MetCriterion> {
        let limits = [row.deaths_from, row.poisoned_from, row.evacuated_from, row.loss_yuan_from];
        let number = |((name, value), from): ((&str, Option<u64>), Option<u64>)| {
            let holds = value.zip(from).is_some_and(|(value, from)| value >= from);
            let criterion = name.to_owned();
            holds.then_some(MetCriterion { criterion, value, from, name: None, verified: true })
        };
        let other = row.other.iter().filter(|one| figures.other.contains(&one.id));
        let other = other.map(|one| MetCriterion {
            criterion: one.id.clone(),
            value: None,
            from: None,
            name: Some(one.name.clone()),
            verified: one.verified,
        });
        numbers.into_iter().zip(limits).filter_map(number).chain(other).collect()
    };
    let rows = table.iter().map(|row| (row.grade, met_in(row)));
    let highest = rows.filter(|(_, met)| !met.is_empty()).max_by_key(|(grade, _)| *grade);
    let least = table.iter().map(|row| row.grade).min().unwrap_or(Grade::IV);
    let (grade, met) = highest.unwrap_or((least, Vec::new()));
    Some(Suggestion { grade, met, unknown })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(grade: Grade, numbers: [Option<u64>; 4], other: &[&str]) -> GradeRow {
        let [deaths_from, poisoned_from, evacuated_from, loss_yuan_from] = numbers;
        let criterion = |id: &&str| Criterion {
            id: (*id).to_owned(),
            name: Text::new("断水", "no water"),
            verified: false,
        };
        let other = other.iter().map(criterion).collect();
        GradeRow { grade, deaths_from, poisoned_from, evacuated_from, loss_yuan_from, other }
    }

    fn table() -> Vec<GradeRow> {
        vec![
            row(Grade::III, [Some(3), Some(10), Some(5_000), Some(5_000_000)], &[]),
            row(Grade::I, [Some(30), Some(100), None, None], &[]),
            row(Grade::II, [Some(10), Some(50), None, None], &["county-water"]),
            row(Grade::IV, [None; 4], &[]),
        ]
    }

    #[track_caller]
    fn check(figures: &Figures, expected: Option<(Grade, &[&str], usize)>) {
        let found = suggest(figures, &table());
        let found = found.as_ref().map(|one| {
            let met: Vec<_> = one.met.iter().map(|met| met.criterion.as_str()).collect();
            (one.grade, met, one.unknown.len())
        });
        let expected = expected.map(|(grade, met, unknown)| (grade, met.to_vec(), unknown));
        assert_eq!(found, expected, "{figures:?}");
    }

    #[test]
    fn the_highest_grade_with_a_criterion_that_holds() {
        let of = |deaths, poisoned| Figures { deaths, poisoned, ..Figures::default() };
        check(&Figures::default(), None);
        check(&of(Some(0), None), Some((Grade::IV, &[], 3)));
        check(&of(Some(2), Some(9)), Some((Grade::IV, &[], 2)));
        check(&of(Some(3), Some(9)), Some((Grade::III, &["deaths"], 2)));
        check(&of(Some(3), Some(50)), Some((Grade::II, &["poisoned"], 2)));
        check(&of(Some(30), Some(100)), Some((Grade::I, &["deaths", "poisoned"], 2)));
        let cut = Figures { other: vec!["county-water".to_owned()], ..Figures::default() };
        check(&cut, Some((Grade::II, &["county-water"], 4)));
        let strange = Figures { other: vec!["strange".to_owned()], ..Figures::default() };
        check(&strange, Some((Grade::IV, &[], 4)));
    }

    #[test]
    fn grades_rise() {
        assert!(Grade::ALL.is_sorted());
        for grade in Grade::ALL {
            assert_eq!(serde_json::to_string(&grade).unwrap(), format!("\"{}\"", grade.as_str()));
        }
    }
}
