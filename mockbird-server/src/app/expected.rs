//! Which version a change was made for: whoever changes what somebody else changed meanwhile is told.

use super::AppError;

/// Which version a change was made for.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// By the header `If-Match`.
    pub if_match: IfMatch,
    /// By `version` in the body.
    pub version: Option<i64>,
}

/// What the header `If-Match` asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IfMatch {
    /// Nothing: there is no such header, or any version will do.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl Expected {
    /// Refuses the change of something that has this version.
    pub fn check(&self, version: i64) -> Result<(), AppError> {
        if let IfMatch::OneOf(versions) = &self.if_match
            && !versions.contains(&version)
        {
            return Err(AppError::PreconditionFailed(version));
        }
        match self.version {
            Some(expected) if expected != version => Err(AppError::VersionConflict(version)),
            _ => Ok(()),
        }
    }
}

impl From<IfMatch> for Expected {
    fn from(if_match: IfMatch) -> Self {
        Self {
            if_match,
            version: None,
        }
    }
}
