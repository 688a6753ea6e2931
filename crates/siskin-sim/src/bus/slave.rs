//! A slave: its registers, how fast it answers, and its faults as values. Knows nothing of frames
//! and lines.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// The register that counts the seconds of a slave's own clock.
pub const CLOCK_REGISTER: u16 = 1;
/// Registers of a slave.
pub const REGISTERS: u16 = 128;

/// What a slave does wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It says nothing.
    Hang,
    /// It answers so much later than usual.
    Delay(Duration),
    /// It answers in time and once more after this while.
    Twice(Duration),
    /// It answers under another unit id.
    WrongUnit(u8),
    /// It answers with this exception.
    Exception(u8),
    /// A gateway answers for it, with this exception and under unit 255.
    GatewayException(u8),
    /// These bytes come in place of the answer.
    Garbage(Vec<u8>),
    /// These bytes come before the answer.
    Before(Vec<u8>),
    /// These bytes come behind the answer.
    After(Vec<u8>),
    /// The answer is damaged on its way: one bit of its last byte.
    Damaged,
    /// Half of the answer comes and nothing more.
    Half,
    /// The line is closed instead of an answer.
    Close,
    /// The line stays open and is dead for all: nothing that is sent reaches anybody.
    HalfOpen,
    /// Its clock register is wrong by so many seconds.
    ClockJump(i64),
    /// Its values stay what they were when this began.
    Stuck,
    /// It was switched on when this began: its clock counts from there.
    Reset,
    /// These registers do not exist for it: exception 2 to whoever asks for one of them.
    NoRegisters(Range<u16>),
}

/// A fault and when it is there, in milliseconds since the bus began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// From when to when.
    pub ms: Range<u64>,
    /// What is wrong.
    pub fault: Fault,
}

/// What register 0 holds at a moment, in milliseconds since the bus began.
type Value = Arc<dyn Fn(u64) -> u16 + Send + Sync>;

/// A slave on a bus.
#[derive(Clone)]
pub struct Slave {
    /// Its address.
    pub unit: u8,
    /// How long it thinks before it answers.
    pub answers_after: Duration,
    /// Its faults; of several at a time all act.
    pub faults: Vec<Spell>,
    value: Value,
}

impl fmt::Debug for Slave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unit, answers_after, faults, value: _ } = self;
        let mut shown = f.debug_struct("Slave");
        shown.field("unit", unit).field("answers_after", answers_after).field("faults", faults);
        shown.finish_non_exhaustive()
    }
}

impl Slave {
    /// A healthy slave whose register 0 holds `value`.
    pub fn new(unit: u8, answers_after: Duration, value: u16) -> Self {
        Self { unit, answers_after, faults: Vec::new(), value: Arc::new(move |_| value) }
    }

    /// The same slave with register 0 following `value`.
    #[must_use]
    pub fn showing(mut self, value: impl Fn(u64) -> u16 + Send + Sync + 'static) -> Self {
        self.value = Arc::new(value);
        self
    }

    /// The same slave with one fault more.
    #[must_use]
    pub fn with(mut self, ms: Range<u64>, fault: Fault) -> Self {
        self.faults.push(Spell { ms, fault });
        self
    }

    /// The faults it has at `ms`.
    pub fn faults_at(&self, ms: u64) -> impl Iterator<Item = &Spell> {
        self.faults.iter().filter(move |spell| spell.ms.contains(&ms))
    }

    /// Registers `addr..addr + len` at `ms`: 0 is the value, 1 the clock, the others hold their
    /// own addresses. None where one of them does not exist.
    pub fn registers(&self, addr: u16, len: u16, ms: u64) -> Option<Vec<u16>> {
        let end = addr.checked_add(len).filter(|end| len > 0 && *end <= REGISTERS)?;
        for spell in self.faults_at(ms) {
            if let Fault::NoRegisters(gone) = &spell.fault
                && addr < gone.end
                && gone.start < end
            {
                return None;
            }
        }
        Some((addr..end).map(|at| self.register(at, ms)).collect())
    }

    fn register(&self, addr: u16, ms: u64) -> u16 {
        match addr {
            0 => (self.value)(self.seen_at(ms)),
            CLOCK_REGISTER => self.clock(ms),
            other => other,
        }
    }

    /// The moment whose values it shows.
    fn seen_at(&self, ms: u64) -> u64 {
        let stuck = self.faults_at(ms).filter(|spell| spell.fault == Fault::Stuck);
        stuck.map(|spell| spell.ms.start).min().unwrap_or(ms)
    }

    fn clock(&self, ms: u64) -> u16 {
        let shown_ms = self.seen_at(ms);
        let mut clock_s = i64::try_from(shown_ms / 1_000).unwrap_or_default();
        for spell in self.faults_at(ms) {
            match spell.fault {
                Fault::ClockJump(by_s) => clock_s += by_s,
                Fault::Reset => {
                    let since_ms = shown_ms.saturating_sub(spell.ms.start);
                    clock_s = i64::try_from(since_ms / 1_000).unwrap_or_default();
                }
                _ => {}
            }
        }
        u16::try_from(clock_s.rem_euclid(65_536)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(slave: &Slave, ms: u64, want: &[u16]) {
        assert_eq!(slave.registers(0, 3, ms).unwrap(), want, "{ms}");
    }

    #[test]
    fn values_and_clock_and_what_can_be_wrong_with_them() {
        let counting = |ms: u64| u16::try_from(ms / 100).unwrap();
        let slave = Slave::new(1, Duration::ZERO, 0).showing(counting);
        let slave = slave.with(10_000..20_000, Fault::Stuck);
        let slave = slave.with(30_000..40_000, Fault::ClockJump(-31));
        let slave = slave.with(50_000..60_000, Fault::Reset);
        check(&slave, 9_999, &[99, 9, 2]);
        check(&slave, 15_000, &[100, 10, 2]);
        check(&slave, 20_000, &[200, 20, 2]);
        check(&slave, 30_000, &[300, 65_535, 2]);
        check(&slave, 52_000, &[520, 2, 2]);
    }

    #[test]
    fn what_does_not_exist_is_not_answered() {
        let slave = Slave::new(1, Duration::ZERO, 7).with(0..9, Fault::NoRegisters(4..6));
        assert_eq!(slave.registers(2, 2, 0), Some(vec![2, 3]));
        assert_eq!(slave.registers(2, 3, 0), None);
        assert_eq!(slave.registers(5, 1, 0), None);
        assert_eq!(slave.registers(6, 1, 0), Some(vec![6]));
        assert_eq!(slave.registers(5, 1, 9), Some(vec![5]));
        assert_eq!(slave.registers(127, 2, 9), None);
        assert_eq!(slave.registers(0, 0, 9), None);
    }
}
