//! Who belongs to an organization, and as what.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Millis, OrganizationId, Role, UserId};

row! {
    /// A user in an organization.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Member {
        /// Where.
        pub organization: OrganizationId = "organization_id",
        /// Who.
        pub user: UserId = "user_id",
        /// As what.
        pub role: Role = "role",
        /// Since when.
        pub joined_at: Millis = "joined_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

impl Conn {
    /// What the user is in the organization; nothing in one that was deleted.
    pub async fn member_get(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Member>> {
        const SQL: &str = "select members.organization_id, members.user_id, members.role, members.joined_at, \
             members.version from members join organization using (organization_id) \
             where organization_id = $1 and user_id = $2 and deleted_at is null";
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(user.to_string())
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// Makes the user a member.
    ///
    /// # Errors
    /// [`Constraint::Member`](super::Constraint::Member): it is one already.
    pub async fn member_insert(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        invited_by: Option<UserId>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into members (organization_id, user_id, role, joined_at, invited_by, version) \
             values ($1, $2, $3, $4, $5, 1)";
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(user.to_string())
                .bind(role.name())
                .bind(now.0)
                .bind(invited_by.map(|id| id.to_string()))
        )?;
        Ok(())
    }
}
