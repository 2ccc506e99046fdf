//! Who calls: what a handler takes to know it, and cannot forget.
//!
//! A handler that changes an organization takes a [`Member`] of the role that it needs: without one there is no
//! organization to give to the use case.

use std::convert::Infallible;
use std::fmt::Debug;
use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderName;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::request::Parts;
use mockbird_core::ErrorCode;

use super::Problem;
use super::cookies::Cookies;
use super::limits::{self, Left};
use super::site::Site;
use crate::app::{Actor, App, AppError, Identity, Intent, Right, Rights, Visitor, Who};
use crate::domain::{OrganizationId, Role, SessionId, UserId};
use crate::edge::{ClientAddress, RequestId};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The longest `User-Agent` that is kept.
const USER_AGENT_MAX: usize = 512;

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let client = parts.extensions.get::<ClientAddress>();
        let id = parts.extensions.get::<RequestId>();
        let agent = parts.headers.get(USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            ip: client.map(|client| client.ip),
            // ASCII, so that it can be cut anywhere.
            user_agent: agent.map(|agent| agent.get(..USER_AGENT_MAX).unwrap_or(agent).to_owned()),
            request_id: id.map(|id| id.as_str().to_owned()),
        })
    }
}

/// A user or a program, whoever it is.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub identity: Identity,
    /// From where.
    pub visitor: Visitor,
    /// What they were found to be allowed.
    pub rights: Rights,
}

impl Caller {
    /// What they are in the organization, which must be at least this; see [`App::authorise`].
    pub async fn authorise(
        &self,
        app: &App,
        organization: OrganizationId,
        least: Role,
        intent: Intent,
    ) -> Result<Role, AppError> {
        let role = app
            .authorise(&self.identity, organization, least, intent)
            .await?;
        self.rights.note(Right::InOrganization(organization, least));
        Ok(role)
    }

    /// The same for the audit log.
    pub fn actor(&self) -> Actor {
        Actor {
            who: self.identity.who(),
            visitor: self.visitor.clone(),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        const NOBODY: AppError = AppError::Login(
            "this takes a login: send `Authorization: Bearer`, or a key by `X-API-Key`",
        );
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let token = presented(parts, app).ok_or(NOBODY)?;
        let identity = match app.identify(&token, visitor.ip).await {
            Ok((identity, standing)) => {
                Left::note(parts, standing);
                identity
            }
            Err(error @ AppError::Login(_)) => {
                // A login that is not good is nobody's.
                limits::stranger(parts, app).await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            identity,
            visitor,
            rights: Rights::default(),
        })
    }
}

/// The token of a header; without one that of the cookie, if one of our own pages asks.
pub(super) fn presented(parts: &Parts, app: &App) -> Option<String> {
    let headers = &parts.headers;
    if let Some(key) = headers.get(API_KEY) {
        return key.to_str().ok().map(str::to_owned);
    }
    if let Some(line) = headers.get(AUTHORIZATION) {
        let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        return bearer.then(|| token.trim().to_owned());
    }
    let config = app.config();
    let site = Site::of(headers, &parts.uri, &parts.extensions, &config.listen);
    match site {
        Site::Own => Cookies::new(config).access(headers),
        Site::Foreign | Site::Unsaid => None,
    }
}

/// A user who is logged in: no key does what concerns a person.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub user: UserId,
    /// By which login.
    pub session: SessionId,
    /// From where.
    pub visitor: Visitor,
    /// What they were found to be allowed.
    pub rights: Rights,
}

impl LoggedIn {
    /// The same for the audit log.
    pub fn actor(&self) -> Actor {
        Actor {
            who: Who::User(self.user),
            visitor: self.visitor.clone(),
        }
    }
}

impl FromRequestParts<App> for LoggedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller {
            identity,
            visitor,
            rights,
        } = Caller::from_request_parts(parts, app).await?;
        match identity {
            Identity::User { user, session } => Ok(Self {
                user,
                session,
                visitor,
                rights,
            }),
            Identity::Key(_) => {
                let why = "this takes the login of a person: a key is not enough";
                Err(Problem::new(ErrorCode::Forbidden, why))
            }
        }
    }
}

/// A role as a type.
pub trait Rank: Debug + Send + Sync + 'static {
    /// Which one.
    const ROLE: Role;
}

macro_rules! ranks {
    ($($(#[$doc:meta])* $rank:ident = $role:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $rank;

            impl Rank for $rank {
                const ROLE: Role = Role::$role;
            }
        )*
    };
}

ranks! {
    /// Anybody who belongs to it.
    Viewer = Viewer;
    /// A member or more: whoever makes and changes projects and mocks.
    Editor = Member;
    /// An admin or more.
    Admin = Admin;
    /// An owner.
    Owner = Owner;
}

/// Somebody who has at least the role `R` in the organization of the path (`{organization}`). Where it has none,
/// or there is no such organization, the answer is 404. Where the operator stopped it, only reads go on.
#[derive(Clone, Debug)]
pub struct Member<R> {
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub caller: Caller,
    /// As what.
    pub role: Role,
    rank: PhantomData<R>,
}

impl<R: Rank> FromRequestParts<App> for Member<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // Who is not logged in learns not even whether the address is well-formed.
        let caller = Caller::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await;
        let named = params.as_ref().ok().and_then(|params| {
            let found = params.iter().find(|(name, _)| *name == "organization");
            found.and_then(|(_, id)| id.parse().ok())
        });
        let organization = named.ok_or(AppError::NotFound("organization"))?;
        let intent = if parts.method.is_safe() {
            Intent::Read
        } else {
            Intent::Change
        };
        let role = caller.authorise(app, organization, R::ROLE, intent).await?;
        Ok(Self {
            organization,
            caller,
            role,
            rank: PhantomData,
        })
    }
}
