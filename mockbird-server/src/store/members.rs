//! Who belongs to an organization, and as what.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::users::full_name;
use super::{Conn, Result, Tx};
use crate::domain::{Email, Millis, OrganizationId, Page, Paged, Role, UserId};

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

row! {
    /// A user in an organization, as the others in it see it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MemberProfile {
        /// Who.
        pub user: UserId = "user_id",
        /// Where it gets mail.
        pub email: Email = "email",
        /// A first name.
        pub first_name: Option<String> = "first_name",
        /// A last name.
        pub last_name: Option<String> = "last_name",
        /// As what.
        pub role: Role = "role",
        /// Since when.
        pub joined_at: Millis = "joined_at",
        /// Who invited it.
        pub invited_by: Option<UserId> = "invited_by",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

impl MemberProfile {
    /// Both names, if there is one.
    pub fn full_name(&self) -> Option<String> {
        full_name(self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// The columns of [`MemberProfile`], for the statements below.
macro_rules! select_profile {
    ($rest:literal) => {
        concat!(
            "select members.user_id, email, first_name, last_name, role, joined_at, invited_by, members.version \
             from members join users on users.user_id = members.user_id where organization_id = $1 ",
            $rest
        )
    };
}

impl Conn {
    /// A member of the organization, as the others see it.
    pub async fn member_profile(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MemberProfile>> {
        const SQL: &str = select_profile!("and members.user_id = $2");
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(user.to_string())
            .fetch_optional(link)
            .await)
    }

    /// The member of the organization with this address.
    pub async fn member_by_email(
        &mut self,
        organization: OrganizationId,
        email: &Email,
    ) -> Result<Option<MemberProfile>> {
        const SQL: &str = select_profile!("and email = $2");
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(email.as_str())
            .fetch_optional(link)
            .await)
    }

    /// A page of the members of an organization, in the order they joined.
    pub async fn member_list(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<MemberProfile>> {
        const COUNT: &str = "select count(*) from members where organization_id = $1";
        const SQL: &str = select_profile!("order by joined_at, members.user_id limit $2 offset $3");
        let id = organization.to_string();
        let (total,): (i64,) =
            on!(self, link => query_as(COUNT).bind(id.as_str()).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(id.as_str())
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }

    /// The addresses of the owners of the organization.
    pub async fn owner_emails(&mut self, organization: OrganizationId) -> Result<Vec<Email>> {
        const SQL: &str = select_profile!("and role = 'owner' order by members.user_id");
        let owners: Vec<MemberProfile> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .fetch_all(link)
            .await)?;
        Ok(owners.into_iter().map(|owner| owner.email).collect())
    }

    /// How many owners the organization has.
    pub async fn member_owners(&mut self, organization: OrganizationId) -> Result<u64> {
        const SQL: &str =
            "select count(*) from members where organization_id = $1 and role = 'owner'";
        let id = organization.to_string();
        let (owners,): (i64,) =
            on!(self, link => query_as(SQL).bind(id.as_str()).fetch_one(link).await)?;
        Ok(u64::try_from(owners).unwrap_or_default())
    }

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

    /// Gives a member another role.
    pub async fn member_role_set(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<()> {
        const SQL: &str = "update members set role = $1, version = version + 1 \
             where organization_id = $2 and user_id = $3";
        execute!(
            self,
            query(SQL)
                .bind(role.name())
                .bind(organization.to_string())
                .bind(user.to_string())
        )?;
        Ok(())
    }

    /// Makes the user a member no more.
    pub async fn member_delete(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<()> {
        const SQL: &str = "delete from members where organization_id = $1 and user_id = $2";
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(user.to_string())
        )?;
        Ok(())
    }
}
