//! What an API key may do.

use std::fmt;
use std::str::FromStr;

use super::named::named;
use super::{Refusal, Role};

named! {
    /// What an API key may do.
    #[derive(PartialOrd, Ord)]
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

/// What one key may do: at least one thing.
///
/// ```
/// use mockbird_server::domain::{Permission, Permissions, Role};
/// let both: Permissions = "mocks:call write".parse()?;
/// assert!(both.contains(Permission::MocksCall));
/// assert_eq!(both.role(), Some(Role::Member));
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions(Vec<Permission>);

impl Permissions {
    /// Those of a list, each once.
    pub fn new(mut all: Vec<Permission>) -> Result<Self, Refusal> {
        all.sort_unstable();
        all.dedup();
        if all.is_empty() {
            return Err(Refusal("a key needs a permission".to_owned()));
        }
        Ok(Self(all))
    }

    /// All of them, in order.
    pub fn all(&self) -> &[Permission] {
        &self.0
    }

    /// Whether this is one of them.
    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// The highest role whose deeds they allow in the management API.
    pub fn role(&self) -> Option<Role> {
        self.0.iter().filter_map(|one| one.role()).max()
    }
}

impl FromStr for Permissions {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let all: Result<_, _> = text.split(' ').map(Permission::from_str).collect();
        Self::new(all?)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|one| one.name()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_back() {
        let all = Permissions::new(Permission::ALL.iter().rev().copied().collect()).unwrap();
        assert_eq!(all.to_string(), "mocks:call read write admin");
        assert_eq!(all.to_string().parse(), Ok(all));
        assert!(Permissions::new(vec![]).is_err());
        assert!("".parse::<Permissions>().is_err());
    }

    #[test]
    fn no_key_is_an_owner() {
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(*permission));
            assert!(permission.role() < Some(Role::Owner));
        }
    }
}
