//! Invitations into an organization.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{
    Email, HashedToken, InvitationId, InvitationStatus, Millis, OrganizationId, Page, Paged, Role,
    UserId,
};

row! {
    /// An invitation, and what became of it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Invitation {
        /// Its id.
        pub id: InvitationId = "invitation_id",
        /// Where it leads.
        pub organization: OrganizationId = "organization_id",
        /// Whom it is for.
        pub email: Email = "email",
        /// As what.
        pub role: Role = "role",
        /// Who invites.
        pub invited_by: UserId = "invited_by",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it ends.
        pub expires_at: Millis = "expires_at",
        /// When it was accepted.
        pub accepted_at: Option<Millis> = "accepted_at",
        /// Who accepted it.
        pub accepted_by: Option<UserId> = "accepted_by",
        /// When it was declined.
        pub declined_at: Option<Millis> = "declined_at",
        /// When it was taken back.
        pub revoked_at: Option<Millis> = "revoked_at",
    }
}

impl Invitation {
    /// What became of it.
    pub fn status(&self, now: Millis) -> InvitationStatus {
        if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.declined_at.is_some() {
            InvitationStatus::Declined
        } else if self.revoked_at.is_some() {
            InvitationStatus::Revoked
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Pending
        }
    }
}

/// An invitation to be.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Where it leads.
    pub organization: OrganizationId,
    /// Whom it is for.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// What is kept of its token.
    pub hash: HashedToken,
    /// Who invites.
    pub invited_by: UserId,
    /// When it ends.
    pub expires_at: Millis,
}

/// How an invitation comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// This user accepts it.
    Accepted(UserId),
    /// Whom it is for declines it.
    Declined,
    /// The organization takes it back.
    Revoked,
}

/// The columns of [`Invitation`], for the statements below.
macro_rules! select_invitation {
    ($rest:literal) => {
        concat!(
            "select invitation_id, invitations.organization_id, email, role, invited_by, invitations.created_at, \
             expires_at, accepted_at, accepted_by, declined_at, revoked_at from invitations ",
            $rest
        )
    };
}

/// What is not settled.
macro_rules! open {
    () => {
        "accepted_at is null and declined_at is null and revoked_at is null"
    };
}

impl Conn {
    /// The organization's invitation of this id.
    pub async fn invitation_get(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>> {
        const SQL: &str = select_invitation!("where organization_id = $1 and invitation_id = $2");
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)
    }

    /// The invitation whose token has this hash, wherever it leads: for who shows it.
    pub async fn invitation_by_hash(&mut self, hash: &HashedToken) -> Result<Option<Invitation>> {
        const SQL: &str = select_invitation!(
            "join organization using (organization_id) where token_hash = $1 and deleted_at is null"
        );
        on!(self, link => query_as(SQL).bind(hash.as_str()).fetch_optional(link).await)
    }

    /// A page of the invitations of an organization, the latest first; with `open`, only those that are not settled.
    pub async fn invitation_list(
        &mut self,
        organization: OrganizationId,
        open: bool,
        page: Page,
    ) -> Result<Paged<Invitation>> {
        const COUNT: &str = concat!(
            "select count(*) from invitations where organization_id = $1 and (not $2 or (",
            open!(),
            "))"
        );
        const SQL: &str = concat!(
            select_invitation!("where organization_id = $1 and (not $2 or ("),
            open!(),
            ")) order by created_at desc, invitation_id desc limit $3 offset $4"
        );
        let id = organization.to_string();
        let (total,): (i64,) = on!(self, link => query_as(COUNT)
            .bind(id.as_str())
            .bind(open)
            .fetch_one(link)
            .await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(id.as_str())
            .bind(open)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }
}

impl Tx {
    /// Adds an invitation. One of the same address that nobody answered in time makes room for it.
    ///
    /// # Errors
    /// [`Constraint::OpenInvitation`](super::Constraint::OpenInvitation): there is one that waits.
    pub async fn invitation_insert(&mut self, new: &NewInvitation, now: Millis) -> Result<()> {
        const EXPIRED: &str = concat!(
            "update invitations set revoked_at = $1 where organization_id = $2 and email = $3 and expires_at <= $1 and ",
            open!()
        );
        const SQL: &str = "insert into invitations (invitation_id, organization_id, email, role, token_hash, \
             invited_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let organization = new.organization.to_string();
        execute!(
            self,
            query(EXPIRED)
                .bind(now.0)
                .bind(organization.as_str())
                .bind(new.email.as_str())
        )?;
        execute!(
            self,
            query(SQL)
                .bind(new.id.to_string())
                .bind(organization.as_str())
                .bind(new.email.as_str())
                .bind(new.role.name())
                .bind(new.hash.as_str())
                .bind(new.invited_by.to_string())
                .bind(now.0)
                .bind(new.expires_at.0)
        )?;
        Ok(())
    }

    /// Settles an invitation of the organization. False if it was settled before.
    pub async fn invitation_settle(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
        settlement: Settlement,
        now: Millis,
    ) -> Result<bool> {
        const SQL: &str = concat!(
            "update invitations set accepted_at = $1, accepted_by = $2, declined_at = $3, revoked_at = $4 \
             where organization_id = $5 and invitation_id = $6 and ",
            open!()
        );
        let at = |settled: bool| settled.then_some(now.0);
        let user = match settlement {
            Settlement::Accepted(user) => Some(user.to_string()),
            Settlement::Declined | Settlement::Revoked => None,
        };
        let settled = execute!(
            self,
            query(SQL)
                .bind(at(user.is_some()))
                .bind(user)
                .bind(at(settlement == Settlement::Declined))
                .bind(at(settlement == Settlement::Revoked))
                .bind(organization.to_string())
                .bind(id.to_string())
        )?;
        Ok(settled == 1)
    }

    /// Takes back what a user invited to the organization and nobody answered yet.
    pub async fn invitation_revoke_of(
        &mut self,
        organization: OrganizationId,
        invited_by: UserId,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = concat!(
            "update invitations set revoked_at = $1 where organization_id = $2 and invited_by = $3 and ",
            open!()
        );
        execute!(
            self,
            query(SQL)
                .bind(now.0)
                .bind(organization.to_string())
                .bind(invited_by.to_string())
        )?;
        Ok(())
    }

    /// Takes back what a user invited to any organization and nobody answered yet.
    pub async fn invitation_revoke_everywhere(
        &mut self,
        invited_by: UserId,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = concat!(
            "update invitations set revoked_at = $1 where invited_by = $2 and ",
            open!()
        );
        execute!(self, query(SQL).bind(now.0).bind(invited_by.to_string()))?;
        Ok(())
    }
}
