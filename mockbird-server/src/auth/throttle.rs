//! How often somebody may try.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::{Rate, Rates};

/// After so many questions those are forgotten who have not asked for long.
const FORGET_EVERY: u32 = 1024;

/// Whoever asked too often: when it may ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// After this time.
    pub retry_after: Duration,
}

/// One limit, counted for each key by itself.
pub struct Throttle<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    asked: AtomicU32,
}

/// All limits of the API.
#[derive(Debug)]
pub struct Throttles {
    /// Logins from one address.
    pub login_address: Throttle<IpAddr>,
    /// Logins to one account, whether there is one or not.
    pub login_account: Throttle<String>,
    /// Accounts made from one address.
    pub register: Throttle<IpAddr>,
    /// Mails asked for from one address.
    pub mail_address: Throttle<IpAddr>,
    /// Mails asked for one account, whether there is one or not.
    pub mail_account: Throttle<String>,
    /// Passwords reset from one address.
    pub reset: Throttle<IpAddr>,
    /// Sessions refreshed from one address.
    pub refresh: Throttle<IpAddr>,
    /// Invitations that one user mails.
    pub invitation: Throttle<String>,
    /// Calls of one user or key.
    pub api: Throttle<String>,
}

impl Throttles {
    /// The limits that were set.
    pub fn new(rates: &Rates) -> Self {
        Self {
            login_address: Throttle::new(rates.login_address),
            login_account: Throttle::new(rates.login_account),
            register: Throttle::new(rates.register),
            mail_address: Throttle::new(rates.reset),
            mail_account: Throttle::new(rates.reset),
            reset: Throttle::new(rates.reset),
            refresh: Throttle::new(rates.refresh),
            invitation: Throttle::new(rates.invitation),
            api: Throttle::new(rates.api),
        }
    }
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// `rate.count` at once, and as many again over `rate.period`.
    pub fn new(rate: Rate) -> Self {
        let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
        // A period of nothing is no rate; the configuration knows none.
        let quota = Quota::with_period(rate.period / count.get());
        let quota = quota.unwrap_or(Quota::per_second(count)).allow_burst(count);
        Self {
            limiter: RateLimiter::keyed(quota),
            asked: AtomicU32::new(0),
        }
    }

    /// Counts one try of this key.
    pub fn ask(&self, key: &K) -> Result<(), TooOften> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| TooOften {
            retry_after: until.wait_time_from(DefaultClock::default().now()),
        })
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Throttle<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

/// The key of an address: a host of IPv6 has a whole network of them (RFC 6177).
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_count() {
        let throttle = Throttle::new(Rate {
            count: 2,
            period: Duration::from_hours(1),
        });
        assert_eq!((throttle.ask(&1), throttle.ask(&1)), (Ok(()), Ok(())));
        let wait = throttle.ask(&1).unwrap_err().retry_after;
        assert!(wait > Duration::from_mins(25) && wait <= Duration::from_mins(30));
        assert_eq!(throttle.ask(&2), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:0:0:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let network = |text: &str| network(text.parse().unwrap());
            assert_eq!(network(one) == network(other), same, "{one} {other}");
        }
    }
}
