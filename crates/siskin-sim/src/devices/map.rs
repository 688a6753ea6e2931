//! Tables of registers and bits, and the numbers in them. Never answers outside a table.

/// One table: where it begins and what it holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table<T> {
    first: u16,
    cells: Vec<T>,
}

/// What a device can be asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RegisterMap {
    /// Function 2.
    pub(crate) discrete: Table<bool>,
    /// Function 3.
    pub(crate) holding: Table<u16>,
    /// Function 4.
    pub(crate) input: Table<u16>,
}

impl<T: Copy + Default> Table<T> {
    /// A table of the addresses `first..=last` with nothing in it yet.
    pub(crate) fn new(first: u16, last: u16) -> Self {
        let length = usize::from(last.saturating_sub(first)) + 1;
        Self { first, cells: vec![T::default(); length] }
    }

    /// The cells `address..address + count`; none unless the table has every one of them.
    pub(crate) fn read(&self, address: u16, count: u16) -> Option<Vec<T>> {
        let start = usize::from(address.checked_sub(self.first)?);
        let cells = self.cells.get(start..start + usize::from(count))?;
        (count > 0).then(|| cells.to_vec())
    }

    /// Puts `values` at `address` and behind.
    ///
    /// # Panics
    /// Outside the table: the addresses come from the code beside this.
    pub(crate) fn put(&mut self, address: u16, values: &[T]) {
        for (value, at) in values.iter().zip(usize::from(address - self.first)..) {
            let cell = self.cells.get_mut(at);
            *cell.expect("every address that is written lies in its table") = *value;
        }
    }

    /// Puts one value at every address of the table.
    pub(crate) fn fill(&mut self, value: T) {
        self.cells.fill(value);
    }
}

/// A float as two registers, high word first (ABCD).
pub(crate) fn float_high_first(value: f64) -> [u16; 2] {
    let [a, b, c, d] = single(value).to_be_bytes();
    [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
}

/// A float as two registers, low word first (CDAB).
pub(crate) fn float_low_first(value: f64) -> [u16; 2] {
    let [high, low] = float_high_first(value);
    [low, high]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "devices keep their values in single precision"
)]
fn single(value: f64) -> f32 {
    value as f32
}

/// The nearest whole number a register can hold; what is no number becomes 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of the register before"
)]
pub(crate) fn unsigned(value: f64) -> u16 {
    value.round().clamp(0.0, f64::from(u16::MAX)) as u16
}

/// The nearest whole number a signed register can hold, in two's complement.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of the register before")]
pub(crate) fn signed(value: f64) -> u16 {
    let whole = value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
    whole.cast_unsigned()
}

/// The low 16 bits of a counter that has run for `seconds` with one tick every `tick_s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the remainder is below 2^16"
)]
pub(crate) fn counter(seconds: f64, tick_s: f64) -> u16 {
    (seconds.max(0.0) / tick_s).floor().rem_euclid(65_536.0) as u16
}

/// ASCII text, two characters a register, filled up with spaces.
pub(crate) fn text<const REGISTERS: usize>(text: &str) -> [u16; REGISTERS] {
    let mut bytes = text.bytes().chain(std::iter::repeat(b' '));
    std::array::from_fn(|_| {
        let mut next = || bytes.next().unwrap_or(b' ');
        u16::from_be_bytes([next(), next()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: u16, count: u16, expected: Option<&[u16]>) {
        let mut table = Table::new(10, 13);
        table.put(11, &[7, 8]);
        assert_eq!(table.read(address, count).as_deref(), expected);
    }

    #[test]
    fn a_table_answers_inside_itself_only() {
        check(10, 4, Some(&[0, 7, 8, 0]));
        check(13, 1, Some(&[0]));
        check(13, 2, None);
        check(9, 2, None);
        check(14, 1, None);
        check(10, 0, None);
        check(65_535, 2, None);
    }

    #[test]
    fn numbers_in_registers() {
        // 40.0 is 42 20 00 00 (Dräger's example).
        assert_eq!(float_high_first(40.0), [0x4220, 0x0000]);
        assert_eq!(float_low_first(40.0), [0x0000, 0x4220]);
        assert_eq!((unsigned(3.5), unsigned(-1.0), unsigned(1e9)), (4, 0, 65_535));
        assert_eq!((signed(-1.0), signed(1e9)), (0xFFFF, 0x7FFF));
        assert_eq!((unsigned(f64::NAN), signed(f64::NAN)), (0, 0));
        assert_eq!((counter(9.9, 5.0), counter(65_536.0, 1.0)), (1, 0));
        assert_eq!(text::<2>("AT1"), [0x4154, 0x3120]);
    }
}
