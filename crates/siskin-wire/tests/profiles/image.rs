//! The registers of a device in one state, as a golden dump writes them.
//!
//! Knows nothing of profiles: words stand where the dump puts them, in the order of the wire.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::Text;
use siskin_wire::modbus::{Answer, Request};

/// A function and an address, written `fc3-506`.
pub(crate) type Place = (u8, u16);

/// Registers (and bits, as words 0 and 1) by place; what is not written is 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    words: BTreeMap<Place, u16>,
    refused: BTreeSet<Place>,
}

/// `fc3-506` as a place.
pub(crate) fn place(text: &str) -> Place {
    let (fc, addr) = text.strip_prefix("fc").and_then(|t| t.split_once('-')).unwrap();
    (fc.parse().unwrap(), addr.parse().unwrap())
}

impl Image {
    /// Writes words in hexadecimal, parted by spaces, from `first` on.
    pub(crate) fn put(&mut self, first: Place, hex: &str) {
        let (fc, addr) = first;
        for (word, addr) in hex.split_whitespace().zip(addr..) {
            self.words.insert((fc, addr), u16::from_str_radix(word, 16).unwrap());
        }
    }

    /// From now on the device refuses whatever asks for `place`.
    pub(crate) fn refuse(&mut self, place: Place) {
        self.refused.insert(place);
    }

    /// Whether the device refuses anything in this state.
    pub(crate) fn refuses(&self) -> bool {
        !self.refused.is_empty()
    }

    /// The word at a place.
    pub(crate) fn word(&self, place: Place) -> u16 {
        self.words.get(&place).copied().unwrap_or_default()
    }

    /// What the device answers.
    pub(crate) fn answer(&self, request: Request) -> Answer {
        let fc = u8::from(request.fc);
        let places = (request.addr..=u16::MAX).take(usize::from(request.len)).map(|a| (fc, a));
        let places: Vec<_> = places.collect();
        if places.iter().any(|place| self.refused.contains(place)) {
            return Answer::Nothing(Text::new("设备拒绝（异常 2）", "refused (exception 2)"));
        }
        let words = places.into_iter().map(|place| self.word(place));
        if request.fc.is_bits() {
            return Answer::Bits(words.map(|word| word != 0).collect());
        }
        Answer::Registers(words.collect())
    }
}
