//! Who does something, for the checks and for the audit log.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::AppError;
use crate::domain::{AuditId, HashedToken, KeyId, Millis, OrganizationId, PlainToken, UserId};
use crate::store::{AuditEntry, Tx};

/// Who does something, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// From where.
    pub visitor: Visitor,
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who is logged in.
    User(UserId),
    /// A program with an API key.
    Key(KeyId),
    /// Whoever runs the server.
    Operator,
}

/// Where somebody comes from, whoever it is.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// From which address; absent for the operator at the command line.
    pub ip: Option<IpAddr>,
    /// With what program.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
}

/// What is done, to what.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// Such as `member.role_changed`.
    pub(super) action: &'static str,
    /// The kind of thing.
    pub(super) kind: &'static str,
    /// Which one.
    pub(super) id: String,
}

impl Who {
    /// The user, if it is one.
    pub(super) fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Key(_) | Self::Operator => None,
        }
    }
}

impl Visitor {
    /// The address as it is kept.
    pub(super) fn address(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }

    /// The device by what its program says of itself. Digits are left out: a new version of a program is no
    /// new device.
    pub(super) fn device(&self) -> HashedToken {
        let agent = self.user_agent.as_deref().unwrap_or_default();
        let agent: String = agent.chars().filter(|c| !c.is_ascii_digit()).collect();
        PlainToken::presented(&agent).hash()
    }
}

impl Actor {
    /// A user who is logged in, or is about to be.
    pub(super) fn user(user: UserId, visitor: &Visitor) -> Self {
        Self {
            who: Who::User(user),
            visitor: visitor.clone(),
        }
    }

    /// Whoever runs the server, at its command line.
    pub fn operator() -> Self {
        Self {
            who: Who::Operator,
            visitor: Visitor::default(),
        }
    }

    /// Notes what it does to a user, in the log of where that one starts. Who is nowhere a member has no log.
    pub(super) async fn user_audit(
        &self,
        tx: &mut Tx,
        user: UserId,
        action: &'static str,
        now: Millis,
    ) -> Result<(), AppError> {
        let Some(organization) = tx.organization_of_user(user).await? else {
            return Ok(());
        };
        let deed = Deed {
            action,
            kind: "user",
            id: user.to_string(),
        };
        let entry = self.entry(organization.id, deed, &json!({}), now);
        Ok(tx.audit_insert(&entry).await?)
    }

    /// The line of the audit log for what it does.
    pub(super) fn entry(
        &self,
        organization: OrganizationId,
        deed: Deed,
        changes: &Value,
        now: Millis,
    ) -> AuditEntry {
        let (user, key) = match self.who {
            Who::User(user) => (Some(user), None),
            Who::Key(key) => (None, Some(key)),
            Who::Operator => (None, None),
        };
        AuditEntry {
            id: AuditId::new(now),
            organization,
            user,
            key,
            action: deed.action.to_owned(),
            resource_type: Some(deed.kind.to_owned()),
            resource_id: Some(deed.id),
            changes: Some(changes.to_string()),
            ip_address: self.visitor.address(),
            user_agent: self.visitor.user_agent.clone(),
            request_id: self.visitor.request_id.clone(),
            created_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_its_program_but_not_its_version() {
        let device = |agent: Option<&str>| {
            let user_agent = agent.map(str::to_owned);
            let visitor = Visitor {
                user_agent,
                ..Visitor::default()
            };
            visitor.device()
        };
        assert_eq!(device(Some("Firefox/131.0")), device(Some("Firefox/140.2")));
        assert_ne!(device(Some("Firefox/131.0")), device(Some("curl/8.5.0")));
        assert_ne!(device(None), device(Some("curl/8.5.0")));
    }
}
