//! How many connections each address has.
//!
//! One client must never hold all the places that the others need to be told of a gas.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::people::network;

/// The connections of every address that has some.
#[derive(Debug)]
pub(crate) struct Places {
    taken: Mutex<HashMap<IpAddr, usize>>,
    each_max: usize,
}

/// A place that is given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    /// At most `each_max` for each address.
    pub(crate) fn new(each_max: usize) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), each_max })
    }

    /// A place for a client, while its address has one left.
    pub(crate) fn take(self: &Arc<Self>, remote: IpAddr) -> Option<Place> {
        let address = network(remote);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        if *count == self.each_max {
            let each_max = self.each_max;
            tracing::warn!(%address, each_max, "an address gets no more HTTP connections");
        }
        Some(Place { places: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_the_places_of_others() {
        let places = Places::new(2);
        let at = |text: &str| places.take(text.parse().unwrap());
        let (first, second) = (at("2001:db8::1"), at("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(at("2001:db8::3").is_none(), "of the same network");
        assert!(at("10.0.0.1").is_some(), "another address");
        drop(first);
        assert!(at("2001:db8::3").is_some(), "a place was given back");
        drop(second);
        assert!(places.taken.lock().unwrap().is_empty(), "nothing is kept of who has gone");
    }
}
