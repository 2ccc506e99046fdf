//! Who asks, behind the proxies that are trusted.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::config::{Config, Country};
use crate::limits::is_in;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who asks, as an extension of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it speaks HTTPS, to us or to a trusted proxy.
    pub https: bool,
    /// The country that a trusted proxy tells.
    pub country: Option<Country>,
}

impl ClientAddress {
    /// Goes back from the `peer` through `X-Forwarded-For` as long as the proxies are trusted: what stands before
    /// the first that is not, anybody may have written.
    pub(super) fn find(peer: IpAddr, headers: &HeaderMap, config: &Config) -> Self {
        let (peer, https) = (peer.to_canonical(), config.listen.tls.is_some());
        let is_trusted = |ip: IpAddr| is_in(&config.listen.trusted_proxies, ip);
        if !is_trusted(peer) {
            return Self {
                ip: peer,
                https,
                country: None,
            };
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter();
        // As bytes: what is no text in one hop must not hide those that the proxies wrote behind it.
        let hops = lines
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        let mut ip = peer;
        for hop in hops {
            let Some(address) = address(hop) else {
                break;
            };
            ip = address.to_canonical();
            if !is_trusted(ip) {
                break;
            }
        }
        // The last one is the proxy's own, whatever came to it.
        let told = |name| headers.get_all(name).iter().next_back()?.to_str().ok();
        let proto = told(&FORWARDED_PROTO);
        let https = proto.map_or(https, |proto| proto.trim().eq_ignore_ascii_case("https"));
        let named = config.access.country_header.as_ref();
        let country = named
            .and_then(told)
            .and_then(|country| country.parse().ok());
        Self { ip, https, country }
    }
}

/// The address of a hop: some proxies write the port, too.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop.trim_ascii()).ok()?;
    let with_port = || hop.parse::<SocketAddr>().map(|socket| socket.ip());
    hop.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::config::Sources;

    fn found(peer: &str, headers: &HeaderMap) -> ClientAddress {
        let sources = Sources::default()
            .with_flag("trusted-proxies", "10.0.0.0/8, fd00::/8")
            .with_flag("access-country-header", "X-Country");
        let config = Config::read(&sources).unwrap();
        ClientAddress::find(peer.parse().unwrap(), headers, &config)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, forwarded, expected) in [
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            (
                "10.0.0.1",
                "6.6.6.6, 198.51.100.7, 10.9.9.9",
                "198.51.100.7",
            ),
            ("10.0.0.1", "198.51.100.7:1234", "198.51.100.7"),
            ("10.0.0.1", "[2001:db8::7]:80, 10.9.9.9:1", "2001:db8::7"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
            headers.insert(&FORWARDED_PROTO, "https".parse().unwrap());
            headers.append("x-country", "US".parse().unwrap());
            headers.append("x-country", "de".parse().unwrap());
            let found = found(peer, &headers);
            assert_eq!(found.ip.to_string(), expected, "{peer} {forwarded}");
            let is_believed = peer != "192.0.2.1";
            assert_eq!(found.https, is_believed, "{peer}");
            let country = is_believed.then(|| "DE".parse().unwrap());
            assert_eq!(found.country, country, "{peer}");
        }
    }

    /// What anybody may send as a header, lists of addresses among it.
    fn forged() -> impl Strategy<Value = Vec<HeaderValue>> {
        let hop = prop_oneof![
            any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string().into_bytes()),
            any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string().into_bytes()),
            Just(b"10.1.2.3".to_vec()),
            Just(b"127.0.0.1".to_vec()),
            Just(b"unknown".to_vec()),
            vec(prop_oneof![Just(b'\t'), 32..127_u8, 128..=255_u8], 0..9),
        ];
        let line = vec(hop, 0..5).prop_map(|hops| HeaderValue::from_bytes(&hops.join(&b", "[..])));
        vec(line.prop_map(Result::unwrap), 0..4)
    }

    /// Addresses of clients, none of which is a trusted proxy's.
    fn clients() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (any::<u8>(), any::<u8>()).prop_map(|(a, b)| IpAddr::from([198, 51, a, b])),
            any::<u64>().prop_map(|host| IpAddr::V6((0x2001_0db8 << 96 | u128::from(host)).into())),
        ]
    }

    const OTHERS: [&str; 6] = [
        "forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "x-forwarded",
    ];

    proptest! {
        #[test]
        fn who_is_no_trusted_proxy_is_who_connects(client in clients(), lines in forged(), other in 0..OTHERS.len()) {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.clone());
                headers.append(OTHERS[other], line);
            }
            headers.insert(&FORWARDED_PROTO, HeaderValue::from_static("https"));
            headers.insert("x-country", HeaderValue::from_static("DE"));
            let found = found(&client.to_string(), &headers);
            prop_assert_eq!(found, ClientAddress { ip: client, https: false, country: None });
        }

        /// A proxy writes who asked it behind what that one sent, in the same line or in one of its own.
        #[test]
        fn what_a_client_sends_changes_nothing_of_what_proxies_add(
            client in clients(),
            mut lines in forged(),
            proxies in vec(any::<[u8; 3]>(), 0..4),
            in_one_line in any::<bool>(),
        ) {
            let proxies = proxies.into_iter().map(|[a, b, c]| IpAddr::from([10, a, b, c]));
            for hop in [client].into_iter().chain(proxies) {
                match lines.last_mut() {
                    Some(last) if in_one_line => {
                        let both = [last.as_bytes(), b", ", hop.to_string().as_bytes()].concat();
                        *last = HeaderValue::from_bytes(&both).unwrap();
                    }
                    _ => lines.push(hop.to_string().parse().unwrap()),
                }
            }
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line);
            }
            prop_assert_eq!(found("10.0.0.1", &headers).ip, client);
        }
    }
}
