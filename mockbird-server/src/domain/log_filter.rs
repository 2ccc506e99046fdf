//! Which logged requests somebody asks for.

use std::fmt;
use std::str::FromStr;

use super::{LogId, LogRecord, Millis, MockId, Refusal, ResponseId};

/// The most methods or statuses that are asked for at once.
const LIST_MAX: usize = 10;

/// The most characters of a path or a text that is looked for.
const CHARS_MAX: usize = 1_000;

/// Which logged requests somebody asks for; what is absent excludes none.
///
/// The store and a live tail both go by it: [`LogFilter::lets_through`] is what the statements do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Answered at this moment or later.
    pub from: Option<Millis>,
    /// Answered before this moment.
    pub before: Option<Millis>,
    /// Of one of these methods.
    pub methods: Vec<Method>,
    /// Answered with one of these statuses.
    pub statuses: Vec<Statuses>,
    /// Whose path begins so, as it came.
    pub path: Option<Sought>,
    /// That a mock answered, or that none did.
    pub matched: Option<bool>,
    /// That this mock answered.
    pub mock: Option<MockId>,
    /// That this response answered.
    pub response: Option<ResponseId>,
    /// With this in path, query, headers, body or address, in the same case.
    pub text: Option<Sought>,
}

impl LogFilter {
    /// Whether it excludes none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a record is one of those that are asked for.
    pub fn lets_through(&self, record: &LogRecord) -> bool {
        self.from.is_none_or(|at| record.id >= LogId::first_at(at))
            && self.before.is_none_or(|at| record.id < LogId::first_at(at))
            && any(&self.methods, |method| method.0 == record.method)
            && any(&self.statuses, |all| all.contains(record.status))
            && self
                .path
                .as_ref()
                .is_none_or(|path| record.path.starts_with(path.as_bytes()))
            && self
                .matched
                .is_none_or(|matched| matched == record.answered_by.is_of_mock())
            && self.mock.is_none_or(|mock| record.mock == Some(mock))
            && self
                .response
                .is_none_or(|response| record.response == Some(response))
            && self.text.as_ref().is_none_or(|text| text.is_in(record))
    }
}

/// Whether one of a list fits; without a list, everything does.
fn any<T>(all: &[T], fits: impl Fn(&T) -> bool) -> bool {
    all.is_empty() || all.iter().any(fits)
}

/// A method, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method(String);

impl Method {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Method {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_token = (1..=CHARS_MAX).contains(&text.len()) && text.bytes().all(fits);
        is_token
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Refusal(format!("`{text}` is no method: write it as in `GET,POST`")))
    }
}

/// A status, or a class of them.
///
/// ```
/// use mockbird_server::domain::Statuses;
/// let class: Statuses = "4xx".parse()?;
/// assert!(class.contains(404) && !class.contains(500));
/// assert!("4x".parse::<Statuses>().is_err());
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statuses {
    first: u16,
    last: u16,
}

impl Statuses {
    /// The first and the last.
    pub fn bounds(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// Whether a status is one of them.
    pub fn contains(self, status: u16) -> bool {
        (self.first..=self.last).contains(&status)
    }
}

impl FromStr for Statuses {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
        let (digits, most) = class.map_or((text, 999), |class| (class, 9));
        let number = digits
            .parse()
            .ok()
            .filter(|number| (1..=most).contains(number));
        let number = number.filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
        match (number, class) {
            (Some(number), Some(_)) => Ok(Self {
                first: number * 100,
                last: number * 100 + 99,
            }),
            (Some(number @ 100..), None) => Ok(Self {
                first: number,
                last: number,
            }),
            _ => Err(Refusal(format!(
                "`{text}` is no status: write it as in `404` or `4xx`"
            ))),
        }
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(f)
        } else {
            write!(f, "{}xx", self.first / 100)
        }
    }
}

/// The elements of a list that is written with commas.
pub fn listed<T: FromStr<Err = Refusal>>(text: &str) -> Result<Vec<T>, Refusal> {
    let all: Vec<_> = text.split(',').map(str::trim).collect();
    if all.len() > LIST_MAX {
        return Err(Refusal(format!("at most {LIST_MAX} are asked for at once")));
    }
    all.into_iter().map(str::parse).collect()
}

/// A text that is looked for, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought(String);

impl Sought {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What it looks like inside of a JSON string: headers are kept as JSON.
    pub fn in_json(&self) -> String {
        let quoted = serde_json::Value::from(self.0.as_str()).to_string();
        // A JSON string has a quotation mark at either end.
        quoted
            .get(1..quoted.len() - 1)
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether it is somewhere in what came.
    fn is_in(&self, record: &LogRecord) -> bool {
        let sought = self.as_bytes();
        let body = record.body.as_ref().and_then(|body| body.kept.as_deref());
        let headers = || serde_json::to_string(&record.headers).unwrap_or_default();
        contains(&record.path, sought)
            || contains(record.query.as_deref().unwrap_or_default(), sought)
            || contains(headers().as_bytes(), self.in_json().as_bytes())
            || contains(body.unwrap_or_default(), sought)
            || contains(record.client.to_string().as_bytes(), sought)
    }
}

fn contains(all: &[u8], sought: &[u8]) -> bool {
    all.windows(sought.len()).any(|part| part == sought)
}

impl FromStr for Sought {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let chars = text.chars().count();
        if (1..=CHARS_MAX).contains(&chars) && !text.contains('\0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal(format!(
                "what is looked for is 1 to {CHARS_MAX} characters, none of them NUL"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for (text, bounds) in [
            ("404", Some((404, 404))),
            ("100", Some((100, 100))),
            ("4xx", Some((400, 499))),
            ("5XX", Some((500, 599))),
            ("0xx", None),
            ("44xx", None),
            ("99", None),
            ("1000", None),
            ("+404", None),
            ("xx", None),
            ("", None),
        ] {
            let read = text.parse::<Statuses>().ok();
            assert_eq!(read.map(Statuses::bounds), bounds, "{text}");
        }
    }

    #[test]
    fn lists_have_commas_and_a_bound() {
        let methods = listed::<Method>("GET, POST").unwrap();
        let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
        assert_eq!(methods, ["GET", "POST"]);
        for wrong in ["", "GET,", "GE T", &["GET"; 11].join(",")] {
            assert!(listed::<Method>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_text_has_a_bound() {
        for (text, fits) in [
            ("ä", true),
            (&"ä".repeat(1_000), true),
            (&"a".repeat(1_001), false),
            ("", false),
            ("a\0", false),
        ] {
            assert_eq!(text.parse::<Sought>().is_ok(), fits, "{text:?}");
        }
        assert_eq!("a\"\n".parse::<Sought>().unwrap().in_json(), "a\\\"\\n");
    }
}
