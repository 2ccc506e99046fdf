//! All SQL, on SQLite and PostgreSQL alike.
//!
//! A [`Store`] gives a [`Conn`] to read with, or a [`Tx`] to write in: reads need no transaction,
//! writes always have one, and what a use case changes it changes in one. Methods are named noun
//! first (`user_insert`), and whatever belongs to an organization is asked for with it, so that nobody
//! reaches what is another's.
//!
//! The text of a statement is shared by both engines; the macro `on!` compiles the method around it
//! for each. Every method is tested on both.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use mockbird_server::config::Database;
//! use mockbird_server::domain::{Clock, UserId};
//! use mockbird_server::store::{NewUser, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let store = Store::open(&Database::sqlite(folder.path().join("mockbird.db"))).await?;
//! let now = Clock::System.now();
//! let ada = NewUser {
//!     id: UserId::new(now),
//!     email: "ada@example.com".parse()?,
//!     name: None,
//!     first_name: Some("Ada".to_owned()),
//!     last_name: None,
//! };
//!
//! let mut tx = store.begin().await?;
//! tx.user_insert(&ada, now).await?;
//! tx.commit().await?;
//!
//! let found = store.read().await?.user_by_email(&ada.email).await?;
//! assert_eq!(found.map(|user| user.id), Some(ada.id));
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api_keys;
mod audit;
mod backup;
mod breaker;
mod column;
mod conn;
mod credentials;
mod db;
mod error;
mod figures;
mod idempotency;
mod invitations;
mod logs;
mod members;
mod migrate;
mod mock_list;
mod mock_places;
mod mocks;
mod operator;
mod organizations;
mod outbox;
mod project_edit;
mod project_list;
mod projects;
mod purge;
mod responses;
mod retention;
mod rollups;
mod row;
mod sessions;
mod settings;
mod slugs;
mod specs;
mod templates;
mod tokens;
mod tree;
mod usage;
mod users;

pub use api_keys::{ApiKey, CallKey, NewApiKey};
pub use audit::{AuditEntry, AuditFilter};
pub use backup::{BackupError, backup, restore};
pub use conn::{Conn, Tx};
pub use db::Store;
pub use error::{Constraint, OpenError, StoreError};
pub use figures::Connections;
pub use idempotency::IdempotencyRecord;
pub use invitations::{Invitation, NewInvitation, Settlement};
pub use logs::{LogRange, LogScope};
pub use members::{Member, MemberProfile};
pub use mock_list::MockFilter;
pub use mock_places::{MockPlace, POSITION_STEP};
pub use mocks::{Mock, MockAbout, NewMock, path_shape};
pub use organizations::{NewOrganization, Organization};
pub use outbox::{Mail, OutboxMail};
pub use project_edit::ProjectAbout;
pub use project_list::ProjectFilter;
pub use projects::{NewProject, Project, ProjectChange, ProjectProfile};
pub use responses::{NewResponse, ResponseAbout};
pub use retention::PurgedScope;
pub use rollups::RollupAt;
pub use sessions::{NewSession, Session};
pub use settings::{CallSettings, Settings};
pub use slugs::SlugOf;
pub use templates::{ResponseTemplate, TemplateAbout};
pub use tokens::{MailedToken, NewToken};
pub use usage::{Used, Written};
pub use users::{NewUser, User};

/// What every method gives.
pub type Result<T> = std::result::Result<T, StoreError>;
