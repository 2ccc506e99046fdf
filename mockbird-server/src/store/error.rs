//! Why the store did not do what it was asked.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::error::ErrorKind;

use crate::telemetry::STORE_ERRORS;

/// After what time it is worth to try again if nobody knows better.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What PostgreSQL says to a character that it does not keep: of those that a `str` can have, NUL alone.
const NOT_KEPT: &str = "22021";

/// Why the store did not do what it was asked.
///
/// [`StoreError::Taken`] is the caller's to explain, [`StoreError::Unavailable`] passes by itself,
/// the others are defects.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has it already.
    #[error("{} is taken", .0.name())]
    Taken(Constraint),
    /// It refers to something that is not there, or no longer.
    #[error("it refers to something that is not there")]
    Dangling,
    /// A text holds a NUL, which PostgreSQL does not keep.
    #[error("a text with a NUL character cannot be kept")]
    Nul,
    /// The database cannot be reached, or has no time.
    #[error("the database cannot be reached just now")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// What it said; absent if it was not even asked.
        source: Option<sqlx::Error>,
    },
    /// The connection broke while a change was to be kept.
    #[error(
        "the database broke off, and it is not known whether the change was kept: look before you try again"
    )]
    Unsettled(#[source] sqlx::Error),
    /// What is kept is not what was put there.
    #[error("what is kept cannot be read: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error("the database failed")]
    Failed(#[source] sqlx::Error),
}

macro_rules! constraints {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $columns:literal;)*) => {
        /// What is unique. Both engines are asked by its name: PostgreSQL tells the index, SQLite the columns.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Constraint {
            $($(#[$doc])* $variant,)*
        }

        impl Constraint {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name of its index.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its columns, as SQLite tells them.
            pub fn columns(self) -> &'static str {
                match self { $(Self::$variant => $columns,)* }
            }
        }
    };
}

constraints! {
    /// A user's e-mail address.
    UserEmail = "users_email", "users.email";
    /// A user's name.
    UserName = "users_user_name", "users.user_name";
    /// An organization's slug.
    OrganizationSlug = "organization_slug", "organization.slug";
    /// A member of an organization.
    Member = "members_pkey", "members.user_id, members.organization_id";
    /// An open invitation of an address.
    OpenInvitation = "invitations_open", "invitations.organization_id, invitations.email";
    /// A project's slug.
    ProjectSlug = "projects_slug", "projects.project_slug";
    /// An idempotency key of its owner.
    IdempotencyKey = "idempotency_keys_pkey", "idempotency_keys.owner_id, idempotency_keys.idempotency_key";
    /// The hash of an API key.
    ApiKeyHash = "api_keys_hash", "api_keys.key_hash";
    /// The hash of a mailed token.
    TokenHash = "tokens_hash", "tokens.token_hash";
    /// The hash of a refresh token.
    RefreshHash = "sessions_refresh_hash", "sessions.refresh_hash";
}

impl StoreError {
    /// Whether it is what was to be kept that is at fault: trying again would not help, and nothing was kept.
    pub(crate) fn is_of_data(&self) -> bool {
        /// Of SQLite: too big, a constraint, a value of another type.
        const SQLITE: [u32; 3] = [18, 19, 20];
        match self {
            Self::Taken(_) | Self::Dangling | Self::Nul | Self::Corrupt(_) => true,
            Self::Failed(sqlx::Error::Database(told)) => {
                let code = told.code().unwrap_or_default();
                match code.len() {
                    // Of PostgreSQL: rows that meet, data, and constraints.
                    5 => ["21", "22", "23"]
                        .iter()
                        .any(|class| code.starts_with(class)),
                    _ => code
                        .parse::<u32>()
                        .is_ok_and(|code| SQLITE.contains(&(code & 0xff))),
                }
            }
            Self::Failed(_) | Self::Unavailable { .. } | Self::Unsettled(_) => false,
        }
    }

    /// Counts it, where it is the database's own fault.
    fn counted(self) -> Self {
        let kind = match &self {
            Self::Unavailable { .. } => "unavailable",
            Self::Unsettled(_) => "unsettled",
            Self::Corrupt(_) => "corrupt",
            Self::Failed(_) => "failed",
            Self::Taken(_) | Self::Dangling | Self::Nul => return self,
        };
        metrics::counter!(STORE_ERRORS, "kind" => kind).increment(1);
        self
    }

    /// A transaction could not be committed. Where the database refuses it, nothing was kept; where it broke off, even by
    /// saying that it stops, nobody knows.
    pub(super) fn of_commit(error: sqlx::Error) -> Self {
        const STOPS: &str = "57P";
        match &error {
            sqlx::Error::Database(told)
                if !told.code().is_some_and(|code| code.starts_with(STOPS)) =>
            {
                error.into()
            }
            _ => Self::Unsettled(error).counted(),
        }
    }

    /// No connection was had, whatever the reason.
    pub(super) fn unreachable(source: sqlx::Error) -> Self {
        Self::Unavailable {
            retry_after: RETRY_AFTER,
            source: Some(source),
        }
        .counted()
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(told) => match told.kind() {
                ErrorKind::UniqueViolation => match violated(told.as_ref()) {
                    Some(constraint) => Self::Taken(constraint),
                    None => Self::Failed(error).counted(),
                },
                ErrorKind::ForeignKeyViolation => Self::Dangling,
                _ if told.code().as_deref() == Some(NOT_KEPT) => Self::Nul,
                _ if passes(told.code().as_deref().unwrap_or_default()) => Self::unreachable(error),
                _ => Self::Failed(error).counted(),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::unreachable(error),
            sqlx::Error::ColumnDecode { .. } => Self::Corrupt(error.to_string()).counted(),
            _ => Self::Failed(error).counted(),
        }
    }
}

fn violated(told: &dyn sqlx::error::DatabaseError) -> Option<Constraint> {
    let all = || Constraint::ALL.iter().copied();
    if let Some(index) = told.constraint() {
        return all().find(|constraint| constraint.name() == index);
    }
    let columns = told.message().strip_prefix("UNIQUE constraint failed: ")?;
    all().find(|constraint| constraint.columns() == columns)
}

/// Whether the fault passes by itself: busy, locked and a full disk of SQLite, and of PostgreSQL connections lost
/// (08), a lack of them (53), a stop (57, a statement that took too long among them) and transactions
/// that met (40).
fn passes(code: &str) -> bool {
    match code.len() {
        5 => ["08", "53", "57", "40"]
            .iter()
            .any(|class| code.starts_with(class)),
        // Extended codes of SQLite have the plain one in their lowest byte.
        _ => matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6 | 13)),
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none.
    #[error(
        "the address of the database is not well-formed: write `postgres://user:password@host/database`"
    )]
    Address,
    /// The folder of the file cannot be made.
    #[error("the folder {} cannot be made: {error}", .folder.display())]
    Folder {
        /// Which one.
        folder: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file cannot be made.
    #[error("{} cannot be made or written: {error}", .file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The lock on migrations cannot be had.
    #[error("{} cannot be locked: {error}", .file.display())]
    Lock {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// It does not answer.
    #[error("the database cannot be opened: {0}")]
    Connect(#[from] sqlx::Error),
    /// It was written by a newer version, or changed by hand.
    #[error("the tables of the database cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}
