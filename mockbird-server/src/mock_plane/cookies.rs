//! The cookies that a browser sends to our host, which mocks share with us.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::domain::is_login_cookie;

/// Takes out the cookies of a login: a mock is a stranger's, and a template could send them anywhere.
pub(super) fn take_logins(headers: &mut HeaderMap) {
    let lines = headers.get_all(COOKIE);
    if !lines.iter().flat_map(pairs).any(is_of_login) {
        return;
    }
    let others: Vec<_> = lines.iter().filter_map(without_logins).collect();
    headers.remove(COOKIE);
    for line in others {
        headers.append(COOKIE, line);
    }
}

/// The line without them; absent if nothing is left.
fn without_logins(line: &HeaderValue) -> Option<HeaderValue> {
    let others: Vec<_> = pairs(line).filter(|pair| !is_of_login(pair)).collect();
    let line = others.join(&b"; "[..]);
    // Parts of a legal value, and what may stand between them.
    HeaderValue::from_bytes(&line)
        .ok()
        .filter(|line| !line.is_empty())
}

fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let pairs = line.as_bytes().split(|byte| *byte == b';');
    pairs
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

fn is_of_login(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or(pair);
    is_login_cookie(name.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_login_is_left() {
        for (sent, left) in [
            (&["a=b"][..], &["a=b"][..]),
            (&["a=b;c=d;"], &["a=b;c=d;"]),
            (&["mockbird-access=t"], &[]),
            (&["a=b; mockbird-access=t; c=d"], &["a=b; c=d"]),
            (&["a=b", "mockbird-refresh=t", "c=d"], &["a=b", "c=d"]),
            (
                &["__Host-mockbird-access=t;a=mockbird-access=u ; __Host-mockbird-refresh"],
                &["a=mockbird-access=u"],
            ),
            (
                &["mockbird-access =t; my-mockbird-access=1"],
                &["my-mockbird-access=1"],
            ),
        ] {
            let mut headers = HeaderMap::new();
            for line in sent {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            take_logins(&mut headers);
            let found: Vec<_> = headers.get_all(COOKIE).iter().collect();
            assert_eq!(found, left, "{sent:?}");
        }
    }
}
