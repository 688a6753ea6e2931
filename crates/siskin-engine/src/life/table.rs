//! The life of a warning or of an alarm about equipment as one table, after ISA-18.2 / IEC 62682.
//!
//! State and event give the next state or the reason why not; nothing else in Siskin decides that.
//! `docs/lifecycle.md` shows the same table, and a test compares them. Must never lead from an
//! unacknowledged state to an acknowledged one, or to the end, without a person's act
//! (invariant 7).

use siskin_model::WarningState;
use siskin_model::WarningState as S;

/// What can happen to a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// An alarm begins to feed it, not above its tier.
    Raise,
    /// An alarm above its tier begins to feed it.
    Rise,
    /// The last alarm that feeds it ends.
    Return,
    /// A person acknowledges.
    Acknowledge,
    /// A person resets it.
    Reset,
    /// A person puts it aside.
    Shelve,
    /// A person says that it was a mistake.
    Cancel,
    /// All that feeds it is suppressed by design.
    Suppress,
    /// All that feeds it is out of service.
    TakeOut,
    /// It is no longer kept from people: an alarm feeds it.
    BackActive,
    /// The same: no alarm feeds it, and an acknowledgement is owed.
    BackOwed,
    /// The same: no alarm feeds it, and none is owed.
    BackQuiet,
}

impl Event {
    /// All events, in the order of the columns.
    pub const ALL: [Self; 12] = [
        Self::Raise,
        Self::Rise,
        Self::Return,
        Self::Acknowledge,
        Self::Reset,
        Self::Shelve,
        Self::Cancel,
        Self::Suppress,
        Self::TakeOut,
        Self::BackActive,
        Self::BackOwed,
        Self::BackQuiet,
    ];

    /// The word in the table for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::Rise => "rise",
            Self::Return => "return",
            Self::Acknowledge => "acknowledge",
            Self::Reset => "reset",
            Self::Shelve => "shelve",
            Self::Cancel => "cancel",
            Self::Suppress => "suppress",
            Self::TakeOut => "take-out",
            Self::BackActive => "back-active",
            Self::BackOwed => "back-owed",
            Self::BackQuiet => "back-quiet",
        }
    }

    /// Whether a person does it.
    pub const fn is_act(self) -> bool {
        matches!(self, Self::Acknowledge | Self::Reset | Self::Shelve | Self::Cancel)
    }
}

/// Why an event leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// It is over.
    Over,
    /// It is acknowledged already.
    Acknowledged,
    /// An alarm is still active.
    Active,
    /// Nobody has acknowledged it.
    Unacknowledged,
    /// It need not be reset.
    NotLatched,
    /// It is shelved.
    Shelved,
    /// It is suppressed by design.
    Suppressed,
    /// It is out of service.
    OutOfService,
    /// The event cannot come in this state.
    Impossible,
}

impl Refusal {
    /// The word in the table for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Acknowledged => "acknowledged",
            Self::Active => "active",
            Self::Unacknowledged => "unacknowledged",
            Self::NotLatched => "not-latched",
            Self::Shelved => "shelved",
            Self::Suppressed => "suppressed",
            Self::OutOfService => "out-of-service",
            Self::Impossible => "impossible",
        }
    }
}

/// A cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// To this state.
    To(WarningState),
    /// To the first, or to the second where the tier latches.
    Latch(WarningState, WarningState),
    /// Nowhere.
    No(Refusal),
}

const A: Cell = Cell::To(S::Normal);
const B: Cell = Cell::To(S::ActiveUnacknowledged);
const C: Cell = Cell::To(S::ActiveAcknowledged);
const F: Cell = Cell::To(S::LatchedAcknowledged);
const G: Cell = Cell::To(S::Shelved);
const H: Cell = Cell::To(S::Suppressed);
const I: Cell = Cell::To(S::OutOfService);
/// Returned and nobody has acknowledged.
const D_E: Cell = Cell::Latch(S::ReturnedUnacknowledged, S::LatchedUnacknowledged);
/// Returned and acknowledged.
const A_F: Cell = Cell::Latch(S::Normal, S::LatchedAcknowledged);

const OVER: Cell = Cell::No(Refusal::Over);
const ACKED: Cell = Cell::No(Refusal::Acknowledged);
const ACTIVE: Cell = Cell::No(Refusal::Active);
const UNACK: Cell = Cell::No(Refusal::Unacknowledged);
const FREE: Cell = Cell::No(Refusal::NotLatched);
const SHELF: Cell = Cell::No(Refusal::Shelved);
const SUPPR: Cell = Cell::No(Refusal::Suppressed);
const OUT: Cell = Cell::No(Refusal::OutOfService);
const X: Cell = Cell::No(Refusal::Impossible);

/// Rows in the order of [`WarningState::ALL`], columns in that of [`Event::ALL`].
///
/// A warning that returned may be put aside (D), a latched one may not: it is one act away from its
/// end. What was a mistake is cancelled when no alarm is active any more, latched or not, and also
/// after its end. In row G `suppress` and `take-out` say what follows when the shelf ends and all
/// that feeds the warning is still kept from people otherwise.
#[rustfmt::skip]
pub const TABLE: [[Cell; 12]; 9] = [
    //raise rise return ack    reset   shelve cancel  suppress take-out back-active -owed -quiet
    [B,     B,   X,     OVER,  OVER,   OVER,  A,      X,       X,       B,          X,    X],   // A
    [B,     B,   D_E,   C,     ACTIVE, G,     ACTIVE, H,       I,       B,          X,    X],   // B
    [C,     B,   A_F,   ACKED, ACTIVE, G,     ACTIVE, H,       I,       B,          X,    X],   // C
    [B,     B,   X,     A_F,   FREE,   G,     A,      X,       X,       B,          X,    X],   // D
    [B,     B,   X,     F,     UNACK,  UNACK, A,      X,       X,       B,          X,    X],   // E
    [B,     B,   X,     ACKED, A,      ACKED, A,      X,       X,       B,          X,    X],   // F
    [G,     B,   G,     SHELF, SHELF,  SHELF, SHELF,  H,       I,       B,          D_E,  A_F], // G
    [B,     B,   X,     SUPPR, SUPPR,  SUPPR, SUPPR,  H,       I,       B,          D_E,  A_F], // H
    [B,     B,   X,     OUT,   OUT,    OUT,   OUT,    H,       I,       B,          D_E,  A_F], // I
];

/// What follows from `event` in `state`; `latches` says whether the tier needs a reset.
pub fn next(state: WarningState, event: Event, latches: bool) -> Result<WarningState, Refusal> {
    match cell(state, event) {
        Cell::To(state) => Ok(state),
        Cell::Latch(plain, kept) => Ok(if latches { kept } else { plain }),
        Cell::No(refusal) => Err(refusal),
    }
}

/// One cell of the table.
pub fn cell(state: WarningState, event: Event) -> Cell {
    let row = WarningState::ALL.iter().position(|one| *one == state);
    let column = Event::ALL.iter().position(|one| *one == event);
    let cell = row.zip(column).and_then(|(row, column)| TABLE.get(row)?.get(column));
    // Both lists have every state and every event: the test that walks the table says so.
    cell.copied().unwrap_or(X)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every state, event and whether it latches, with what follows.
    fn walk() -> impl Iterator<Item = (S, Event, bool, Result<S, Refusal>)> {
        let states = WarningState::ALL.into_iter();
        let cells =
            states.flat_map(|state| Event::ALL.into_iter().map(move |event| (state, event)));
        cells.flat_map(|(state, event)| {
            [false, true].map(|latches| (state, event, latches, next(state, event, latches)))
        })
    }

    /// Whether somebody owes an acknowledgement for sure.
    fn is_owed(state: S) -> bool {
        state.is_waiting()
    }

    #[test]
    fn every_state_and_event_has_its_own_row_and_column() {
        let states: BTreeSet<_> = WarningState::ALL.into_iter().collect();
        let events: BTreeSet<_> = Event::ALL.into_iter().collect();
        assert_eq!((states.len(), TABLE.len()), (9, 9));
        assert_eq!(events.len(), 12);
        assert_eq!(walk().count(), 9 * 12 * 2);
    }

    #[test]
    fn only_a_persons_act_acknowledges_or_ends_what_was_not() {
        for (state, event, latches, next) in walk() {
            let Ok(next) = next else { continue };
            let ends = matches!(next, S::ActiveAcknowledged | S::LatchedAcknowledged | S::Normal);
            if is_owed(state) && ends {
                assert!(event.is_act(), "{state:?} {event:?} {latches} leads to {next:?}");
            }
        }
        for state in [S::Shelved, S::Suppressed, S::OutOfService] {
            for latches in [false, true] {
                let owed = next(state, Event::BackOwed, latches).unwrap();
                assert!(is_owed(owed), "{state:?} comes back as {owed:?}");
            }
        }
    }

    #[test]
    fn a_rise_is_announced_from_every_state_and_an_alarm_from_every_state_but_a_shelf() {
        for (state, event, latches, next) in walk() {
            if event == Event::Rise {
                assert_eq!(next, Ok(S::ActiveUnacknowledged), "{state:?} {latches}");
            }
            if event == Event::Raise {
                let told = match state {
                    S::ActiveAcknowledged => S::ActiveAcknowledged,
                    S::Shelved => S::Shelved,
                    _ => S::ActiveUnacknowledged,
                };
                assert_eq!(next, Ok(told), "{state:?} {latches}");
            }
        }
    }

    #[test]
    fn what_latches_never_ends_without_a_reset_or_a_cancellation() {
        for (state, event, latches, next) in walk() {
            if latches && next == Ok(S::Normal) && event != Event::Cancel {
                assert_eq!((state, event), (S::LatchedAcknowledged, Event::Reset));
            }
        }
    }

    #[test]
    fn nothing_that_is_active_or_kept_from_people_is_cancelled() {
        for (state, event, _, next) in walk() {
            if event == Event::Cancel {
                let may = !state.is_active() && !state.is_aside();
                assert_eq!(next.is_ok(), may, "{state:?}");
                assert!(next.is_err() || next == Ok(S::Normal));
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_left() {
        let mut reached = BTreeSet::from([S::Normal]);
        for _ in WarningState::ALL {
            let found: Vec<_> = walk().filter(|(from, ..)| reached.contains(from)).collect();
            reached.extend(found.into_iter().filter_map(|(.., next)| next.ok()));
        }
        assert_eq!(reached.len(), WarningState::ALL.len());
        for state in WarningState::ALL {
            let leaves = walk().any(|(from, _, _, next)| from == state && next != Ok(state));
            assert!(leaves, "{state:?} is never left");
        }
    }

    /// The table as `docs/lifecycle.md` has it.
    fn for_people() -> String {
        let mut text = String::from("| state |");
        let columns = Event::ALL.into_iter();
        text.extend(columns.clone().map(|event| format!(" {} |", event.as_str())));
        text.push_str("\n|---|");
        text.extend(columns.clone().map(|_| "---|"));
        for (letter, state) in ('A'..).zip(WarningState::ALL) {
            text.extend(["\n| ", &letter.to_string(), " ", state.as_str(), " |"]);
            text.extend(columns.clone().map(|event| format!(" {} |", word(cell(state, event)))));
        }
        text.push('\n');
        text
    }

    fn letter(state: S) -> char {
        let place = WarningState::ALL.iter().position(|one| *one == state).unwrap();
        ('A'..).nth(place).unwrap()
    }

    fn word(cell: Cell) -> String {
        match cell {
            Cell::To(state) => letter(state).to_string(),
            Cell::Latch(plain, latched) => format!("{} / {}", letter(plain), letter(latched)),
            Cell::No(Refusal::Impossible) => "–".to_owned(),
            Cell::No(refusal) => format!("*{}*", refusal.as_str()),
        }
    }

    #[test]
    fn the_table_for_people_is_this_one() {
        let page = include_str!("../../../../docs/lifecycle.md");
        let table = for_people();
        assert!(page.contains(&table), "docs/lifecycle.md must have this table:\n{table}");
    }
}
