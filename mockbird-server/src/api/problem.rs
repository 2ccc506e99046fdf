//! The one form of every error.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use mockbird_core::fault::Fault;
use mockbird_core::{DOCUMENTATION_PATH, ErrorCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::project_files::details;
use crate::app::AppError;
use crate::domain::Refusal;
use crate::limits::{TooOften, seconds};
use crate::logs::FollowError;
use crate::store::StoreError;

/// Why a request was not answered as it wished.
///
/// What the caller can mend is said in full; what only we can mend is logged, and told in general.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A code that programs can rely on.
    #[serde(rename = "error", serialize_with = "as_name")]
    #[schema(value_type = String, example = "VALIDATION_FAILED")]
    code: ErrorCode,
    /// What is wrong, for people.
    message: String,
    /// Where the code is explained.
    #[schema(example = "/docs/errors#VALIDATION_FAILED")]
    documentation_url: String,
    /// Each fault of what was sent, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    details: Vec<Detail>,
    /// When it is worth to try again, in seconds.
    #[serde(skip)]
    retry_after: Option<u64>,
    /// The limit that refused it.
    #[serde(skip)]
    too_often: Option<TooOften>,
    /// Whether it may have been done all the same.
    #[serde(skip)]
    unsettled: bool,
}

/// Marks the reply to a request that may have been done all the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsettled;

/// One fault of what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Detail {
    /// The place, such as `responses[0].statusCode`; empty for the whole.
    pub at: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it; empty if the message already says so.
    pub hint: String,
    /// The line of a file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub line: Option<usize>,
    /// The column in that line, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub column: Option<usize>,
}

impl From<Fault> for Detail {
    fn from(fault: Fault) -> Self {
        Self {
            at: fault.at,
            message: fault.message,
            hint: fault.hint,
            ..Self::default()
        }
    }
}

impl Problem {
    /// A problem of this kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            documentation_url: format!("{DOCUMENTATION_PATH}#{}", code.as_str()),
            details: Vec::new(),
            retry_after: None,
            too_often: None,
            unsettled: false,
        }
    }

    /// Invalid input, with each of its faults.
    pub fn invalid(details: Vec<Detail>) -> Self {
        let message = match details.as_slice() {
            [one] if one.at.is_empty() => one.message.clone(),
            [one] => format!("{}: {}", one.at, one.message),
            all => format!("{} faults in what was sent", all.len()),
        };
        Self {
            details,
            ..Self::new(ErrorCode::ValidationFailed, message)
        }
    }

    /// A field whose value was refused.
    pub fn of_field(field: &str, refusal: &Refusal) -> Self {
        Self::invalid(vec![Detail {
            at: field.to_owned(),
            message: refusal.to_string(),
            hint: String::new(),
            ..Detail::default()
        }])
    }

    /// The same, with the time after which it is worth to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(seconds(wait));
        self
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Its code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn as_name<S: serde::Serializer>(code: &ErrorCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.as_str())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after.map(HeaderValue::from);
        let (unsettled, nobody) = (self.unsettled, self.code == ErrorCode::Unauthorized);
        let too_often = self.too_often;
        let mut response = (self.code.status(), axum::Json(self)).into_response();
        if nobody {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        if unsettled {
            response.extensions_mut().insert(Unsettled);
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if let Some(often) = too_often {
            often.tell(response.headers_mut());
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable {
                retry_after,
                source,
            } => {
                if let Some(source) = source {
                    tracing::warn!(error = %source, "the database cannot be reached");
                }
                Self::new(ErrorCode::ServiceUnavailable, error.to_string())
                    .retry_after(*retry_after)
            }
            StoreError::Unsettled(source) => {
                tracing::error!(error = %source, "the database broke off while a change was to be kept");
                let problem = Self::new(ErrorCode::ServiceUnavailable, error.to_string());
                Self {
                    unsettled: true,
                    ..problem.retry_after(Duration::from_secs(1))
                }
            }
            StoreError::Taken(_) => Self::new(ErrorCode::Conflict, error.to_string()),
            StoreError::Nul => Self::invalid(vec![Detail {
                at: String::new(),
                message: error.to_string(),
                hint: "take it out".to_owned(),
                ..Detail::default()
            }]),
            StoreError::Dangling | StoreError::Corrupt(_) | StoreError::Failed(_) => {
                tracing::error!(error = ?error, "the store failed");
                let why = "mockbird failed on this request: the log says more under its request id";
                Self::new(ErrorCode::InternalError, why)
            }
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = match error {
            AppError::Store(error) => return error.into(),
            AppError::Hash(error) => {
                tracing::error!(%error, "hashing failed");
                ErrorCode::InternalError
            }
            AppError::WrongLogin | AppError::Login(_) => ErrorCode::Unauthorized,
            AppError::Forbidden(_) | AppError::Role(_) => ErrorCode::Forbidden,
            AppError::EmailNotVerified => ErrorCode::EmailNotVerified,
            AppError::BadLink => {
                return Self::of_field("token", &Refusal(error.to_string()));
            }
            AppError::SlugTaken(_) | AppError::ProjectSlugTaken(..) | AppError::Conflict(_) => {
                ErrorCode::Conflict
            }
            AppError::Refused(field, refusal) => return Self::of_field(field, &refusal),
            AppError::Invalid(field, why) => {
                return Self::of_field(field, &Refusal(why.to_owned()));
            }
            AppError::LastOwner => ErrorCode::LastOwner,
            AppError::LastResponse => ErrorCode::LastResponse,
            AppError::Suspended => ErrorCode::OrganizationSuspended,
            AppError::ProjectSuspended => ErrorCode::ProjectSuspended,
            AppError::ProjectArchived => ErrorCode::ProjectArchived,
            AppError::NotInPlan(..) | AppError::TooManyMocks(..) => ErrorCode::SubscriptionLimit,
            AppError::Faults(faults) => {
                return Self::invalid(faults.into_iter().map(Detail::from).collect());
            }
            AppError::Syntax(_) => ErrorCode::BadRequest,
            AppError::File(faults) => return Self::invalid(details(faults)),
            AppError::DuplicateMock { ref at, ref first } => {
                let detail = Detail {
                    at: at.clone(),
                    message: format!("`{first}` answers this method and path already"),
                    hint: "change it, or send `?allowDuplicate=true`".to_owned(),
                    ..Detail::default()
                };
                return Self {
                    details: vec![detail],
                    ..Self::new(ErrorCode::DuplicateMock, error.to_string())
                };
            }
            AppError::AnotherRequest => ErrorCode::IdempotencyMismatch,
            AppError::UnderWay => {
                return Self::new(ErrorCode::IdempotencyUnfinished, error.to_string())
                    .retry_after(Duration::from_secs(1));
            }
            AppError::BrokeOff => ErrorCode::IdempotencyUnfinished,
            AppError::VersionConflict(_) => ErrorCode::VersionConflict,
            AppError::PreconditionFailed(_) => ErrorCode::PreconditionFailed,
            AppError::EmailTaken => ErrorCode::EmailTaken,
            AppError::TooOften(often) => {
                return Self {
                    too_often: Some(often),
                    ..Self::new(ErrorCode::RateLimitExceeded, error.to_string())
                };
            }
            AppError::Follow(why) => {
                let code = match why {
                    FollowError::TooMany => ErrorCode::RateLimitExceeded,
                    FollowError::Stopping => ErrorCode::ServiceUnavailable,
                };
                return Self::new(code, error.to_string()).retry_after(Duration::from_secs(1));
            }
            AppError::NotFound(_) => ErrorCode::NotFound,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_done_all_the_same_is_marked() {
        let away = || sqlx::Error::WorkerCrashed;
        for (error, marked) in [
            (StoreError::Unsettled(away()), true),
            (StoreError::from(away()), false),
        ] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()[RETRY_AFTER], "1");
            assert_eq!(response.extensions().get::<Unsettled>().is_some(), marked);
        }
    }
}
