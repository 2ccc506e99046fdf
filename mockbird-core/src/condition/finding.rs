//! What became of a condition on one request, for people and for programs.

use std::borrow::Cow;
use std::fmt;

use super::difference::Differences;
use crate::budget::BudgetExceeded;
use crate::secret::MASK;
use crate::spec::{Operator, Source};

/// Whether a condition passed, and why: a tree of the same shape as the condition.
///
/// `Display` is one line: `header X-Tier is "came-tin", not "wanted-gold"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it passed.
    pub passed: bool,
    /// Why.
    pub detail: Detail,
}

/// The reasons of a [`Finding`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One test.
    Test(TestFinding),
    /// A group of which one must pass.
    Any(Vec<Finding>),
    /// A group of which all must pass.
    All(Vec<Finding>),
    /// A condition that must not pass.
    Not(Box<Finding>),
}

/// One test: what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFinding {
    /// The part of the request.
    pub source: Source,
    /// The field, as it was written.
    pub field: String,
    /// How it was compared.
    pub operator: Operator,
    /// Whether it had to be otherwise.
    pub negate: bool,
    /// What it was compared with, as it may be shown; `exists` has nothing.
    pub expected: Option<Shown>,
    /// What came.
    pub came: Came,
    /// Where JSON differs, if it is only in a part.
    pub differences: Differences,
    /// What helps to understand it, such as that the body is no JSON.
    pub note: Option<String>,
}

/// A value, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its text, secrets inside of it masked, a long one cut.
    Text(String),
    /// Nothing, because it is a secret or may hold one.
    Hidden,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(text) => text,
            Self::Hidden => MASK,
        })
    }
}

/// The values a test found, as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// There is no such field.
    Missing,
    /// The first values, and how many more there were.
    Values {
        /// The first ones.
        shown: Vec<Shown>,
        /// The number of others.
        more: usize,
    },
    /// The search for them took too much work.
    Stopped(BudgetExceeded),
}

impl Finding {
    /// Why it did not pass, one line for each thing to mend; none if it passed.
    pub fn reasons(&self) -> Vec<String> {
        match (&self.detail, self.passed) {
            (_, true) => Vec::new(),
            (Detail::Test(test), false) if !test.differences.first.is_empty() => {
                let subject = test.subject();
                let first = test.differences.first.iter();
                let lines = first.map(|one| format!("{subject} {one}"));
                lines.chain(test.differences.rest()).collect()
            }
            (Detail::All(all), false) => all.iter().flat_map(Self::reasons).collect(),
            (Detail::Test(_) | Detail::Any(_) | Detail::Not(_), false) => vec![self.to_string()],
        }
    }

    /// The findings of the conditions in a group; none for a test.
    pub fn children(&self) -> &[Finding] {
        match &self.detail {
            Detail::Test(_) => &[],
            Detail::Any(all) | Detail::All(all) => all,
            Detail::Not(inner) => std::slice::from_ref(inner),
        }
    }
}

impl Finding {
    /// What stands above those that it is made of: the kind of a group; of a test, all there is to say.
    pub fn heading(&self) -> Cow<'static, str> {
        match &self.detail {
            Detail::Test(_) => self.to_string().into(),
            Detail::Any(_) => "any of".into(),
            Detail::All(_) => "all of".into(),
            Detail::Not(_) => "not".into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.detail, self.passed) {
            (Detail::Test(test), passed) => test.describe(f, passed),
            (Detail::Any(all), true) => write_some(f, all, true, " and "),
            (Detail::Any(all), false) => {
                f.write_str("none of: ")?;
                write_some(f, all, false, "; ")
            }
            (Detail::All(all), passed) => write_some(f, all, passed, " and "),
            (Detail::Not(inner), _) => {
                write!(f, "not ({inner})")
            }
        }
    }
}

/// The most findings of a group that are written on one line.
const ON_ONE_LINE: usize = 5;

/// Writes those that passed, or those that did not: they decided.
fn write_some(
    f: &mut fmt::Formatter<'_>,
    all: &[Finding],
    passed: bool,
    between: &str,
) -> fmt::Result {
    let mut deciding = all.iter().filter(|finding| finding.passed == passed);
    for (at, finding) in deciding.by_ref().take(ON_ONE_LINE).enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        write!(f, "{finding}")?;
    }
    match deciding.count() {
        0 => Ok(()),
        more => write!(f, "{between}{more} more"),
    }
}

impl TestFinding {
    /// `header X-Tier`, `body`, `path parameter id`.
    pub fn subject(&self) -> String {
        let source = match (self.source, self.field.is_empty()) {
            (Source::Method, _) => return "method".to_owned(),
            (Source::Path, true) => return "path".to_owned(),
            (Source::Body, true) => return "body".to_owned(),
            (Source::Header, _) => "header",
            (Source::Query, _) => "query parameter",
            (Source::Body, false) => "body field",
            (Source::Path, false) => "path parameter",
            (Source::Cookie, _) => "cookie",
        };
        format!("{source} {}", self.field.escape_debug())
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>, passed: bool) -> fmt::Result {
        f.write_str(&self.subject())?;
        if !passed && !self.differences.first.is_empty() {
            for (at, line) in self.differences.lines().enumerate() {
                write!(f, "{}{line}", if at == 0 { " " } else { "; " })?;
            }
        } else if self.came.is_hidden() && self.expected.as_ref().is_none_or(Shown::is_hidden) {
            self.describe_hidden(f, passed)?;
        } else {
            self.came.describe(f)?;
            match (&self.came, passed, self.negate) {
                (Came::Stopped(_), ..) | (_, true, _) => {}
                (_, false, true) => self.describe_unwanted(f)?,
                (Came::Missing, false, false) => self.describe_wanted(f)?,
                (Came::Values { .. }, false, false) => self.describe_difference(f)?,
            }
        }
        match &self.note {
            Some(note) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }

    /// Where neither what came nor what was expected may be shown.
    fn describe_hidden(&self, f: &mut fmt::Formatter<'_>, passed: bool) -> fmt::Result {
        let (verb, with) = match (self.operator, self.negate) {
            (Operator::Exists, false) => return f.write_str(" is there"),
            (Operator::Exists, true) => return f.write_str(" is there, expected none"),
            _ if passed => return f.write_str(" is as wanted (hidden)"),
            (operator, negate) => verb(operator, negate),
        };
        let value = if self.negate { "unwanted" } else { "wanted" };
        write!(f, " {verb} the {value} {with} (both hidden)")
    }

    /// The value it is compared with, in the middle of a line.
    fn expected(&self) -> &dyn fmt::Display {
        match &self.expected {
            Some(Shown::Text(text)) => text,
            Some(Shown::Hidden) => &"the wanted value (hidden)",
            None => &"",
        }
    }

    /// After a value that came and is another.
    fn describe_difference(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Operator::Equals => write!(f, ", not {}", self.expected()),
            Operator::Exists => Ok(()),
            Operator::Contains => write!(f, ", which does not contain {}", self.expected()),
            Operator::StartsWith => write!(f, ", which does not start with {}", self.expected()),
            Operator::EndsWith => write!(f, ", which does not end with {}", self.expected()),
            Operator::Regex => write!(f, ", which does not match {}", self.expected()),
            Operator::Schema => f.write_str(", which is not valid under the schema"),
            Operator::GreaterThan
            | Operator::GreaterOrEqual
            | Operator::LessThan
            | Operator::LessOrEqual => write!(f, ", which is not {}", self.relation()),
        }
    }

    /// After a value that is not there.
    fn describe_wanted(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Operator::Exists => Ok(()),
            Operator::Equals => write!(f, ", expected {}", self.expected()),
            _ => write!(f, ", expected one {}", self.relation()),
        }
    }

    /// After a value that should not have come.
    fn describe_unwanted(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operator {
            Operator::Exists => f.write_str(", expected none"),
            Operator::Equals => write!(f, ", expected anything but {}", self.expected()),
            _ => write!(f, ", expected none {}", self.relation()),
        }
    }

    fn relation(&self) -> String {
        let relation = match self.operator {
            Operator::Exists => return String::new(),
            Operator::Schema => return "valid under the schema".to_owned(),
            Operator::Equals => "equal to",
            Operator::Contains => "containing",
            Operator::StartsWith => "starting with",
            Operator::EndsWith => "ending with",
            Operator::Regex => "matching",
            Operator::GreaterThan => "greater than",
            Operator::GreaterOrEqual => "greater than or equal to",
            Operator::LessThan => "less than",
            Operator::LessOrEqual => "less than or equal to",
        };
        format!("{relation} {}", self.expected())
    }
}

/// What a value does, or does not, to the one it is compared with, and what that is.
fn verb(operator: Operator, does: bool) -> (&'static str, &'static str) {
    match (operator, does) {
        (Operator::Equals | Operator::Exists, true) => ("equals", "value"),
        (Operator::Equals | Operator::Exists, false) => ("does not equal", "value"),
        (Operator::Contains, true) => ("contains", "value"),
        (Operator::Contains, false) => ("does not contain", "value"),
        (Operator::StartsWith, true) => ("starts with", "value"),
        (Operator::StartsWith, false) => ("does not start with", "value"),
        (Operator::EndsWith, true) => ("ends with", "value"),
        (Operator::EndsWith, false) => ("does not end with", "value"),
        (Operator::Regex, true) => ("matches", "pattern"),
        (Operator::Regex, false) => ("does not match", "pattern"),
        (Operator::Schema, true) => ("is valid under", "schema"),
        (Operator::Schema, false) => ("is not valid under", "schema"),
        (Operator::GreaterThan, true) => ("is greater than", "value"),
        (Operator::GreaterThan, false) => ("is not greater than", "value"),
        (Operator::GreaterOrEqual, true) => ("is greater than or equal to", "value"),
        (Operator::GreaterOrEqual, false) => ("is not greater than or equal to", "value"),
        (Operator::LessThan, true) => ("is less than", "value"),
        (Operator::LessThan, false) => ("is not less than", "value"),
        (Operator::LessOrEqual, true) => ("is less than or equal to", "value"),
        (Operator::LessOrEqual, false) => ("is not less than or equal to", "value"),
    }
}

impl Shown {
    fn is_hidden(&self) -> bool {
        *self == Self::Hidden
    }
}

impl Came {
    /// True if something came, and nothing of it may be shown.
    fn is_hidden(&self) -> bool {
        matches!(self, Self::Values { shown, .. } if shown.iter().all(Shown::is_hidden))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(" is missing"),
            Self::Values { shown, more } => {
                for (at, value) in shown.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { " is " } else { ", " })?;
                }
                match more {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Stopped(exceeded) => write!(f, " could not be decided: {exceeded}"),
        }
    }
}
