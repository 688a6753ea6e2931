//! How often one address may try to sign in.
//!
//! A bucket an address: a handful at once, then one every few seconds. Sessions and tokens need
//! none, nobody guesses 256 bits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// A customer of IPv6 has a whole /64: one bucket for all of it.
fn network(remote: IpAddr) -> IpAddr {
    match remote.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        v4 @ IpAddr::V4(_) => v4,
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
    fn a_network_of_ipv6_is_one_address() {
        let at = |text: &str| network(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1:2:3"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
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
