//! Limits of those of whom nothing is known but from where they come.

use std::net::IpAddr;
use std::sync::Arc;

use super::keyed::Keyed;
use super::meter::Limiter;
use super::window::{Limit, Standing, TooOften};
use crate::config::Network;
use crate::domain::Millis;

/// One limit, counted for each address by itself; but for those that have none.
#[derive(Debug)]
pub struct ByAddress {
    counted: Keyed<IpAddr>,
    exempt: Arc<[Network]>,
}

impl ByAddress {
    /// Tells so many addresses apart.
    pub fn new(limiter: Limiter, limit: Limit, addresses: usize, exempt: Arc<[Network]>) -> Self {
        Self {
            counted: Keyed::new(limiter, limit, addresses),
            exempt,
        }
    }

    /// Whether [`ask`](Self::ask) has an answer at once.
    pub fn knows(&self, address: IpAddr, now: Millis) -> bool {
        self.counted.knows(&network(address), now)
    }

    /// Counts one request from this address, unless it has no limit; the operator at the command line has no address.
    pub async fn ask(
        &self,
        address: Option<IpAddr>,
        now: Millis,
    ) -> Result<Option<Standing>, TooOften> {
        match address.filter(|address| !is_in(&self.exempt, *address)) {
            Some(address) => self.counted.ask(&network(address), now).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Whether the address is in one of the ranges.
pub fn is_in(ranges: &[Network], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(address))
}

/// The key of an address: a host of IPv6 has a whole network of them (RFC 6177).
fn network(ip: IpAddr) -> IpAddr {
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
