//! The words of the service as types: whoever holds one holds something that was checked.
//!
//! Pure: nothing in here knows of a database, of HTTP or of a runtime. A text from outside becomes
//! one of these types at the edge, with a sentence about what is wrong; inside, nobody asks again.

mod base64_bytes;
mod clock;
mod email;
mod email_domains;
mod id;
mod idempotency_key;
mod invitation_status;
mod log_filter;
mod log_record;
mod log_settings;
mod login_cookie;
mod month;
mod name;
mod named;
mod page;
mod password;
mod patch;
mod permission;
mod plan;
mod purpose;
mod quota;
mod role;
mod rollup;
mod seed;
mod slug;
mod token;
mod visibility;

pub use clock::{Clock, Millis};
pub use email::Email;
pub use email_domains::EmailDomains;
pub use id::{
    AuditId, InvitationId, KeyId, LogId, LogIds, MailId, MockId, OrganizationId, ProjectId,
    ResponseId, SessionId, TemplateId, TokenId, UserId,
};
pub use idempotency_key::IdempotencyKey;
pub use invitation_status::InvitationStatus;
pub use log_filter::{LogFilter, Method, Sought, Statuses, listed};
pub use log_record::{AnsweredBy, LogBody, LogNearMiss, LogRecord};
pub use log_settings::{LogSettings, LogSettingsPatch, RedactedName, RedactedNames};
pub use login_cookie::{HOST_COOKIES, PLAIN_COOKIES, is_login_cookie};
pub use month::Month;
pub use name::Name;
pub use page::{Page, Paged};
pub use password::{HashedPassword, Password};
pub use patch::Patch;
pub use permission::{Permission, Permissions};
pub use plan::{Allowance, Feature, Plan};
pub use purpose::Purpose;
pub use quota::Quota;
pub use role::Role;
pub use rollup::{Counts, Latencies, Minute, Period, Rollup, Scope, ScopeKind, TopPaths, Visitors};
pub use seed::Seed;
pub use slug::{Slug, SlugStem};
pub use token::{HashedToken, PlainToken};
pub use visibility::Visibility;

/// Why a text is not what it should be: lower case, what is wrong, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);
