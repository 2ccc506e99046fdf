//! Who belongs to an organization, and as what.

use serde_json::json;

use super::actor::Deed;
use super::{Actor, App, AppError, Expected, plan};
use crate::domain::{Feature, OrganizationId, Page, Paged, Role, UserId};
use crate::store::{MemberProfile, Tx};

const NO_MEMBER: AppError = AppError::NotFound("member");

impl App {
    /// The members of an organization.
    pub async fn member_list(
        &self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<MemberProfile>, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.member_list(organization, page).await?)
    }

    /// One member of an organization.
    pub async fn member_get(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<MemberProfile, AppError> {
        let mut read = self.store().read().await?;
        let found = read.member_profile(organization, user).await?;
        found.ok_or(NO_MEMBER)
    }

    /// Gives a member another role, as somebody of the role `by`.
    pub async fn member_change(
        &self,
        organization: OrganizationId,
        user: UserId,
        (by, role): (Role, Role),
        expected: &Expected,
        actor: &Actor,
    ) -> Result<MemberProfile, AppError> {
        let now = self.clock().now();
        let (mut tx, whole) = self.organization_begin(organization).await?;
        plan::require(&whole, Feature::Members)?;
        let before = tx.member_profile(organization, user).await?;
        let before = before.ok_or(NO_MEMBER)?;
        expected.check(before.version)?;
        may_give(by, before.role)?;
        may_give(by, role)?;
        if role == before.role {
            return Ok(before);
        }
        if before.role == Role::Owner {
            keep_an_owner(&mut tx, organization).await?;
        }
        tx.member_role_set(organization, user, role).await?;
        // What it invited others to be it may not give any more.
        if role < before.role {
            tx.invitation_revoke_of(organization, user, now).await?;
        }
        let changes = json!({
            "before": { "role": before.role.name() },
            "after": { "role": role.name() },
        });
        tx.audit_insert(&actor.entry(
            organization,
            deed("member.role_changed", user),
            &changes,
            now,
        ))
        .await?;
        let after = tx.member_profile(organization, user).await?;
        tx.commit().await?;
        after.ok_or(NO_MEMBER)
    }

    /// Removes a member, as somebody of the role `by`.
    pub async fn member_remove(
        &self,
        organization: OrganizationId,
        user: UserId,
        by: Role,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut tx, _) = self.organization_begin(organization).await?;
        let before = tx.member_profile(organization, user).await?;
        let before = before.ok_or(NO_MEMBER)?;
        expected.check(before.version)?;
        may_give(by, before.role)?;
        self.member_end(tx, organization, &before, "member.removed", actor)
            .await
    }

    /// Takes the user out of an organization by its own wish.
    pub async fn member_leave(
        &self,
        organization: OrganizationId,
        user: UserId,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut tx, _) = self.organization_begin(organization).await?;
        let before = tx.member_profile(organization, user).await?;
        let before = before.ok_or(NO_MEMBER)?;
        self.member_end(tx, organization, &before, "member.left", actor)
            .await
    }

    async fn member_end(
        &self,
        mut tx: Tx,
        organization: OrganizationId,
        member: &MemberProfile,
        action: &'static str,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        if member.role == Role::Owner {
            keep_an_owner(&mut tx, organization).await?;
        }
        tx.member_delete(organization, member.user).await?;
        tx.invitation_revoke_of(organization, member.user, now)
            .await?;
        let changes =
            json!({ "before": { "email": member.email.as_str(), "role": member.role.name() } });
        tx.audit_insert(&actor.entry(organization, deed(action, member.user), &changes, now))
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Somebody is an owner no more: refused if there is no other. The organization is locked, so that the others
/// stay what they are.
async fn keep_an_owner(tx: &mut Tx, organization: OrganizationId) -> Result<(), AppError> {
    if tx.member_owners(organization).await? > 1 {
        Ok(())
    } else {
        Err(AppError::LastOwner)
    }
}

/// An admin makes no owners, and changes none.
pub(super) fn may_give(by: Role, role: Role) -> Result<(), AppError> {
    if by.may_give(role) {
        Ok(())
    } else {
        Err(AppError::Role(role.max(Role::Admin)))
    }
}

fn deed(action: &'static str, user: UserId) -> Deed {
    Deed {
        action,
        kind: "member",
        id: user.to_string(),
    }
}
