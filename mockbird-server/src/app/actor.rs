//! Who does something, for the checks and for the audit log.

use std::net::IpAddr;

use crate::domain::{KeyId, UserId};

/// Who does something, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// From which address; absent for the operator at the command line.
    pub ip: Option<IpAddr>,
    /// With what program.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
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
