//! How often one address may try to sign in.
//!
//! A bucket an address: a handful at once, then one every few seconds. Sessions and tokens need
//! none, nobody guesses 256 bits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::people::network;

/// Tries that may come at once.
const BURST: u32 = 20;
/// Time after which one more is allowed.
const REFILL: Duration = Duration::from_secs(3);
/// Addresses that are told apart; at the limit further ones share one bucket.
const ADDRESSES_MAX: usize = 4_096;

/// The buckets: when each will be full again.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    full_at: Mutex<HashMap<Option<IpAddr>, Instant>>,
}

impl Rate {
    /// Counts a try; an error says how long to wait.
    pub(crate) fn take(&self, remote: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = Some(network(remote));
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= ADDRESSES_MAX {
                key = None;
            }
        }
        let full_at = buckets.entry(key).or_insert(now);
        let next = (*full_at).max(now) + REFILL;
        let wait = next.saturating_duration_since(now + REFILL * BURST);
        if wait.is_zero() {
            *full_at = next;
            return Ok(());
        }
        Err(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(n))
    }

    #[test]
    fn a_burst_is_let_through_and_then_one_at_a_time() {
        let (rate, now) = (Rate::default(), Instant::now());
        for _ in 0..BURST {
            assert_eq!(rate.take(address(1), now), Ok(()));
        }
        assert_eq!(rate.take(address(1), now), Err(REFILL));
        assert_eq!(rate.take(address(2), now), Ok(()), "another address");
        assert_eq!(rate.take(address(1), now + REFILL), Ok(()));
        assert_eq!(rate.take(address(1), now + REFILL), Err(REFILL));
    }

    #[test]
    fn many_addresses_do_not_grow_without_end() {
        let (rate, now) = (Rate::default(), Instant::now());
        let tries = (0..10_000).filter(|n| rate.take(address(*n), now).is_ok()).count();
        assert_eq!(tries, ADDRESSES_MAX + BURST as usize, "the rest shares one bucket");
        assert_eq!(rate.full_at.lock().unwrap().len(), ADDRESSES_MAX + 1);
        assert_eq!(rate.take(address(9_999), now + REFILL * 2), Ok(()));
    }
}
