//! What an API key may do.

use super::Role;
use super::named::named;

named! {
    /// What an API key may do.
    pub enum Permission ("permission") {
        /// Call mocks of private projects.
        MocksCall = "mocks:call",
        /// See what the organization has.
        Read = "read",
        /// Make and change projects and mocks.
        Write = "write",
        /// What an admin may.
        Admin = "admin",
    }
}

impl Permission {
    /// The role whose deeds it allows in the management API; none for a key that only calls mocks.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::MocksCall => None,
            Self::Read => Some(Role::Viewer),
            Self::Write => Some(Role::Member),
            Self::Admin => Some(Role::Admin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_an_owner() {
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(*permission));
            assert!(permission.role() < Some(Role::Owner));
        }
    }
}
