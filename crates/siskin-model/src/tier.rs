//! Warning tiers: blue < yellow < orange < red (蓝黄橙红, grades IV to I).
//!
//! The four colours and their order are the national convention for events that can be warned of;
//! a site uses two to four of them.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A tier of a warning, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// 蓝色, grade IV.
    Blue,
    /// 黄色, grade III.
    Yellow,
    /// 橙色, grade II.
    Orange,
    /// 红色, grade I.
    Red,
}

impl Tier {
    /// All tiers, lowest first.
    pub const ALL: [Self; 4] = [Self::Blue, Self::Yellow, Self::Orange, Self::Red];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// The name for people.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::Blue => ("蓝色预警（IV级）", "Blue warning (grade IV)"),
            Self::Yellow => ("黄色预警（III级）", "Yellow warning (grade III)"),
            Self::Orange => ("橙色预警（II级）", "Orange warning (grade II)"),
            Self::Red => ("红色预警（I级）", "Red warning (grade I)"),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_rise_from_blue_to_red() {
        assert!(Tier::ALL.is_sorted());
        assert_eq!(Tier::ALL.into_iter().max(), Some(Tier::Red));
        for tier in Tier::ALL {
            assert_eq!(serde_json::to_string(&tier).unwrap(), format!("\"{}\"", tier.as_str()));
        }
    }
}
