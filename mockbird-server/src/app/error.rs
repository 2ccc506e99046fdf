//! Why a use case did not come to its end.

use mockbird_core::fault::Fault;
use mockbird_core::json::SyntaxError;

use super::mock_files::Located;
use crate::auth::HashFailed;
use crate::domain::{Feature, Plan, Refusal, Role, Slug};
use crate::limits::{TooOften, seconds};
use crate::logs::FollowError;
use crate::mock_plane::EditError;
use crate::store::StoreError;

/// Why a use case did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// Not told apart: who asks must not learn which addresses have an account.
    #[error("e-mail address or password is wrong")]
    WrongLogin,
    /// There is no login, or it is no longer good.
    #[error("{0}")]
    Login(&'static str),
    /// The login is good, but that is not enough.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It takes a higher role.
    #[error("this takes the role `{0}`, or the permission that stands for it")]
    Role(Role),
    /// The address has an account.
    #[error("there is an account with this e-mail address: log in")]
    EmailTaken,
    /// The address was never proved, and must be.
    #[error(
        "the e-mail address of this account is not proved yet: follow the link that was mailed to it, or ask for another one"
    )]
    EmailNotVerified,
    /// A mailed link leads nowhere.
    #[error("this link was used, has ended, or is none of ours: ask for another one")]
    BadLink,
    /// It was asked for too often.
    #[error("too many attempts: wait {} s", seconds(.0.retry_after))]
    TooOften(#[from] TooOften),
    /// Somebody else has the slug.
    #[error("the slug `{0}` is taken: choose another one, such as `{next}`", next = .0.numbered(2))]
    SlugTaken(Slug),
    /// Some project has the slug; this one is free.
    #[error("the slug `{0}` is taken: `{1}` is free")]
    ProjectSlugTaken(Slug, Slug),
    /// It cannot be done to what there is.
    #[error("{0}")]
    Conflict(&'static str),
    /// A field makes no sense beside the others.
    #[error("{0}: {1}")]
    Invalid(&'static str, &'static str),
    /// A field is not what it should be.
    #[error("{0}: {1}")]
    Refused(&'static str, Refusal),
    /// There would be no owner.
    #[error(
        "this is the last owner: make somebody else an owner first, or delete the organization"
    )]
    LastOwner,
    /// The operator stopped the organization.
    #[error("this organization was suspended by the operator: nothing in it can be changed")]
    Suspended,
    /// The operator stopped the project.
    #[error("this project was suspended by the operator: nothing in it can be changed")]
    ProjectSuspended,
    /// It is in the archive.
    #[error(
        "this project is in the archive, where nothing is changed: take it out first (`POST .../unarchive`)"
    )]
    ProjectArchived,
    /// It takes a dearer plan.
    #[error("the plan `{1}` does not include {0}")]
    NotInPlan(Feature, Plan),
    /// It takes a dearer plan to have so many.
    #[error("the plan `{1}` includes {0} mocks: delete some, or take a dearer plan")]
    TooManyMocks(u32, Plan),
    /// What was sent has faults.
    #[error("{} faults in what was sent", .0.len())]
    Faults(Vec<Fault>),
    /// A file is neither JSON nor YAML.
    #[error("{0}")]
    Syntax(SyntaxError),
    /// A file has faults.
    #[error("{} faults in the file", .0.len())]
    File(Vec<Located>),
    /// Another mock has the same method and matches the same paths.
    #[error(
        "`{first}` answers this method and path already, whatever the parameters are called: change it, or send `?allowDuplicate=true`"
    )]
    DuplicateMock {
        /// The place of the path.
        at: String,
        /// The one that was there first: its id, or its place.
        first: String,
    },
    /// A mock answers with something.
    #[error(
        "this is the last response of its mock: delete the mock, or add another response first"
    )]
    LastResponse,
    /// The idempotency key came with another request.
    #[error("this `Idempotency-Key` came before with another request: take a new one")]
    AnotherRequest,
    /// The first request with the idempotency key is not at its end.
    #[error("the first request with this `Idempotency-Key` is under way: ask again in a moment")]
    UnderWay,
    /// The first request with the idempotency key has no end.
    #[error(
        "the first request with this `Idempotency-Key` broke off: look whether it did its work, and take a new key"
    )]
    BrokeOff,
    /// It has another version than the body says.
    #[error("it was changed meanwhile, and has version {0}: read it again")]
    VersionConflict(i64),
    /// It has another version than the header says.
    #[error("it was changed meanwhile, and its ETag is \"{0}\": read it again")]
    PreconditionFailed(i64),
    /// The requests to mocks cannot be followed live.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// It is not there, or somebody else's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
}

impl From<EditError> for AppError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Invalid(invalid) => Self::Faults(invalid.faults),
            EditError::Store(error) => Self::Store(error),
        }
    }
}
