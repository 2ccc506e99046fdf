//! What a member is in an organization.

use super::named::named;

named! {
    /// What a member is in an organization; a greater one may do all that a lesser may.
    #[derive(PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
    pub enum Role ("role") {
        /// Sees everything.
        Viewer = "viewer",
        /// Makes and changes projects and mocks.
        Member = "member",
        /// Settings, members and keys.
        Admin = "admin",
        /// Everything; there is always at least one.
        Owner = "owner",
    }
}

impl Role {
    /// Whether somebody of this role may give `other` to somebody, or take it away: an admin makes no
    /// owners, and nobody gives what he has not.
    pub fn may_give(self, other: Self) -> bool {
        self >= Self::Admin && self >= other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_and_read_back() {
        assert!(
            Role::Viewer < Role::Member && Role::Member < Role::Admin && Role::Admin < Role::Owner
        );
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(*role));
            assert!(Role::Owner.may_give(*role));
            assert!(!Role::Member.may_give(*role));
        }
        assert!(!Role::Admin.may_give(Role::Owner));
        assert_eq!(
            "root".parse::<Role>().unwrap_err().to_string(),
            "`root` is no role: take one of `viewer`, `member`, `admin`, `owner`"
        );
    }
}
