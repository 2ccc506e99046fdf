//! Who comes in: a user with an access token, or a program with a key.

use std::net::IpAddr;
use std::time::Duration;

use super::{App, AppError, Who};
use crate::auth::Access;
use crate::domain::{OrganizationId, PlainToken, Role, SessionId, UserId};
use crate::limits::{Standing, is_in};
use crate::store::ApiKey;

/// What API keys begin with.
pub(super) const KEY_PREFIX: &str = "mk_";

/// How often it is written down that a key is used.
const USED_EVERY: Duration = Duration::from_mins(1);

/// Who comes in.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Somebody who is logged in.
    User {
        /// Who.
        user: UserId,
        /// By which login.
        session: SessionId,
    },
    /// A program with an API key.
    Key(Box<ApiKey>),
}

/// What somebody is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Look.
    Read,
    /// Change something.
    Change,
}

impl Identity {
    /// The same for the audit log.
    pub fn who(&self) -> Who {
        match self {
            Self::User { user, .. } => Who::User(*user),
            Self::Key(key) => Who::Key(key.id),
        }
    }

    /// The user, or the one who made the key.
    pub fn user(&self) -> UserId {
        match self {
            Self::User { user, .. } => *user,
            Self::Key(key) => key.created_by,
        }
    }
}

impl App {
    /// Who shows this token or key, from this address, and what its limit leaves, if it has one. The session is looked up each time:
    /// once it is ended, its tokens are, too.
    pub async fn identify(
        &self,
        token: &str,
        from: Option<IpAddr>,
    ) -> Result<(Identity, Option<Standing>), AppError> {
        let exempt = &self.config().access.allow;
        let counts = !from.is_some_and(|from| is_in(exempt, from));
        if token.starts_with(KEY_PREFIX) {
            let token = PlainToken::presented(token);
            self.identify_key(&token, counts).await
        } else {
            self.identify_user(token, counts).await
        }
    }

    async fn identify_user(
        &self,
        token: &str,
        counts: bool,
    ) -> Result<(Identity, Option<Standing>), AppError> {
        const ENDED: AppError =
            AppError::Login("the access token is not good, or no longer: refresh it, or log in");
        let now = self.clock().now();
        let access = Access::verify(token, self.secret().expose(), now).ok_or(ENDED)?;
        let throttle = &self.throttles().api_user;
        let standing = if counts {
            Some(throttle.ask(&access.user, now).await?)
        } else {
            None
        };
        let mut read = self.store().read().await?;
        let session = read.session_get(access.session).await?;
        let live =
            session.is_some_and(|session| session.is_live(now) && session.user == access.user);
        let user = read.user_get(access.user).await?;
        if live && user.is_some_and(|user| user.is_active) {
            let Access { user, session } = access;
            Ok((Identity::User { user, session }, standing))
        } else {
            Err(ENDED)
        }
    }

    async fn identify_key(
        &self,
        token: &PlainToken,
        counts: bool,
    ) -> Result<(Identity, Option<Standing>), AppError> {
        const WRONG: AppError = AppError::Login("the API key is wrong, expired or revoked");
        let now = self.clock().now();
        let mut read = self.store().read().await?;
        let key = read.api_key_by_hash(&token.hash()).await?;
        drop(read);
        let key = key.filter(|key| key.expires_at.is_none_or(|end| now < end));
        let key = key.ok_or(WRONG)?;
        let throttle = &self.throttles().api_key;
        let standing = if counts {
            Some(throttle.ask(&key.id, now).await?)
        } else {
            None
        };
        if key
            .last_used_at
            .is_none_or(|at| at.after(USED_EVERY) <= now)
        {
            let mut tx = self.store().begin().await?;
            tx.api_key_used(key.id, now).await?;
            tx.commit().await?;
        }
        Ok((Identity::Key(Box::new(key)), standing))
    }

    /// The organization that is meant where nobody says which: of a user its own, of a key that which it is for.
    pub async fn home_of(&self, identity: &Identity) -> Result<OrganizationId, AppError> {
        match identity {
            Identity::User { user, .. } => {
                let mut read = self.store().read().await?;
                let home = read.organization_of_user(*user).await?;
                Ok(home.ok_or(AppError::NotFound("organization"))?.id)
            }
            Identity::Key(key) => Ok(key.organization),
        }
    }

    /// What somebody is in the organization, which must be at least this. Who is not in it does not learn that
    /// there is one. Nothing is changed in an organization that was suspended.
    pub async fn authorise(
        &self,
        identity: &Identity,
        organization: OrganizationId,
        least: Role,
        intent: Intent,
    ) -> Result<Role, AppError> {
        const ELSEWHERE: AppError = AppError::NotFound("organization");
        let mut read = self.store().read().await?;
        let role = match identity {
            Identity::User { user, .. } => {
                let member = read.member_get(organization, *user).await?;
                Some(member.ok_or(ELSEWHERE)?.role)
            }
            Identity::Key(key) if key.organization != organization => return Err(ELSEWHERE),
            Identity::Key(key) => role_of_key(key),
        };
        let role = role.filter(|role| *role >= least);
        let role = role.ok_or(AppError::Role(least))?;
        if intent == Intent::Change {
            let found = read.organization_get(organization).await?;
            if found.ok_or(ELSEWHERE)?.suspended_at.is_some() {
                return Err(AppError::Suspended);
            }
        }
        Ok(role)
    }
}

/// What a key is in the whole organization: what belongs to that is not the one project's.
pub(super) fn role_of_key(key: &ApiKey) -> Option<Role> {
    let role = key.permissions.role();
    role.filter(|_| key.project.is_none())
}
