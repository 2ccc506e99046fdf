//! An id for each request, by which its log lines are found.

use http::{HeaderMap, HeaderName, HeaderValue, Response};
use uuid::Uuid;

use crate::domain::{Clock, Millis};

/// Where it comes and goes.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from outside.
const CHARS_MAX: usize = 128;

/// The id of a request: the one it came with if that is harmless, otherwise a fresh one.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).filter(|id| is_harmless(id.as_bytes()));
        Self(given.cloned().unwrap_or_else(fresh))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("")
    }

    /// A response that tells it, unless it told one already: a mock's own wins.
    pub(super) fn told<B>(self, mut response: Response<B>) -> Response<B> {
        response.headers_mut().entry(HEADER).or_insert(self.0);
        response
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    (1..=CHARS_MAX).contains(&id.len()) && id.iter().all(fits)
}

fn fresh() -> HeaderValue {
    let Millis(now) = Clock::System.now();
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    let ms = u64::try_from(now).unwrap_or_default();
    let id: Uuid = uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid();
    let text = id
        .hyphenated()
        .encode_lower(&mut Uuid::encode_buffer())
        .to_owned();
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmless_id_is_kept_and_any_other_replaced() {
        for (given, kept) in [
            ("abc-123", true),
            ("", false),
            ("a b", false),
            ("<script>", false),
            (&"a".repeat(129), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, given.parse().unwrap());
            let id = RequestId::of(&headers);
            assert_eq!(id.as_str() == given, kept, "{given}");
            assert!(!id.as_str().is_empty());
        }
        assert_eq!(RequestId::of(&HeaderMap::new()).as_str().len(), 36);
    }
}
