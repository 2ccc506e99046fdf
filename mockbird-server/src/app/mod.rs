//! What every part of a running server shares, and the use cases.
//!
//! A use case authorises, checks, changes the store in one transaction, and leaves an audit row.

mod accounts;
mod actor;
mod analytics;
mod audit;
mod commit;
mod demo;
mod error;
mod expected;
mod field_limits;
mod gauges;
mod idempotency;
mod identity;
mod invitations;
mod keys;
mod links;
mod logs;
mod members;
mod mock_files;
mod mocks;
mod operator;
mod organizations;
mod plan;
mod project_access;
mod project_state;
mod projects;
mod recovery;
mod refresh_token;
mod rights;
mod seal;
mod secret;
mod sessions;
mod settings;
mod slugs;
mod templates;
mod usage;

pub use accounts::{Entered, NewAccount, Registered};
pub use actor::{Actor, Visitor, Who};
pub use analytics::{Analytics, Span};
pub use demo::DEMO_SLUG;
pub use error::AppError;
pub use expected::{Expected, IfMatch};
pub(crate) use field_limits::{mock_faults, response_faults};
pub use idempotency::{Answer, Begun, OnceRequest};
pub use identity::{Identity, Intent};
pub use invitations::InvitationWish;
pub use keys::KeyWish;
pub(crate) use links::{INVITATION_PAGE, RESET_PAGE, VERIFY_PAGE};
pub use logs::{LogExport, LogPage, LogReplay, LogTail, TailPart};
pub use mock_files::{Imported, ImportedMock, Located, MockFile};
pub use mocks::{
    BulkDone, BulkWish, Duplicates, MockAt, MockView, MockWish, OrderWish, ResponseView,
    ResponseWish, Saved,
};
pub use operator::Stoppable;
pub use organizations::{OrganizationChange, Presence};
pub use project_access::ProjectAccess;
pub use projects::{ProjectPatch, ProjectQuery, ProjectWish};
pub use rights::{Right, Rights};
pub use secret::{SecretError, SigningSecret};
pub use sessions::Tokens;
pub use settings::SettingsChange;
pub use slugs::SlugReport;
pub use templates::{BuiltInTemplate, built_in_templates, template_response};
pub use usage::Usage;

use std::sync::Arc;

use crate::auth::Passwords;
use crate::config::Config;
use crate::domain::Clock;
use crate::limits::Throttles;
use crate::logs::{LogFeed, Logs};
use crate::mock_plane::{LogEvent, MockPlane};
use crate::nodes::Nodes;
use crate::store::Store;

/// A running server but for its sockets; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    config: Config,
    store: Store,
    clock: Clock,
    secret: SigningSecret,
    passwords: Passwords,
    throttles: Throttles,
    mock_plane: MockPlane,
    log_feed: LogFeed,
    nodes: Nodes,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        store: Store,
        clock: Clock,
        secret: SigningSecret,
        logs: Logs<LogEvent>,
        nodes: Nodes,
    ) -> Self {
        let lender = nodes.lender();
        let lender = lender.as_ref();
        let mock_plane = MockPlane::new(store.clone(), clock.clone(), &config, logs.queue, lender);
        let exempt = Arc::from(config.access.allow.as_slice());
        let throttles = Throttles::new(&config.rates, &exempt, lender);
        Self(Arc::new(Parts {
            config,
            store,
            clock,
            secret,
            passwords: Passwords::new(),
            throttles,
            mock_plane,
            log_feed: logs.feed,
            nodes,
        }))
    }

    /// What was set.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What tokens are signed with.
    pub fn secret(&self) -> &SigningSecret {
        &self.0.secret
    }

    /// What hashes passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// How often somebody may try.
    pub fn throttles(&self) -> &Throttles {
        &self.0.throttles
    }

    /// What answers requests to mocks.
    pub fn mock_plane(&self) -> &MockPlane {
        &self.0.mock_plane
    }

    /// The requests to mocks as they happen.
    pub fn log_feed(&self) -> &LogFeed {
        &self.0.log_feed
    }

    /// The other servers of the database.
    pub fn nodes(&self) -> &Nodes {
        &self.0.nodes
    }
}
