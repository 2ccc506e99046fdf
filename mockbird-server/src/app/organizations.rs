//! Organizations: who owns projects, and pays for them.

use serde_json::{Value, json};

use super::actor::Deed;
use super::commit::News;
use super::identity::role_of_key;
use super::slugs::OrganizationSlugs;
use super::{Actor, App, AppError, Expected, Identity, plan};
use crate::domain::{Name, OrganizationId, Page, Paged, Role, Slug, UserId};
use crate::store::{Constraint, NewOrganization, Organization, StoreError, Tx};

/// How somebody changes an organization; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct OrganizationChange {
    /// What it is called.
    pub name: Option<Name>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
}

/// Whether somebody asks for what is there, or for what was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// What is there.
    #[default]
    Here,
    /// What was deleted, and may be had back.
    Deleted,
}

impl App {
    /// Makes an organization with this owner. Without a slug it gets the first free one of its name.
    pub async fn organization_create(
        &self,
        owner: UserId,
        name: &Name,
        slug: Option<Slug>,
        actor: &Actor,
    ) -> Result<Organization, AppError> {
        if let Some(slug) = slug {
            return self.organization_insert(owner, name, slug, actor).await;
        }
        let mut slugs = OrganizationSlugs::of_name(name.as_str());
        loop {
            let slug = slugs.next(self).await?;
            match self.organization_insert(owner, name, slug, actor).await {
                Err(AppError::SlugTaken(_)) => {}
                done => return done,
            }
        }
    }

    async fn organization_insert(
        &self,
        owner: UserId,
        name: &Name,
        slug: Slug,
        actor: &Actor,
    ) -> Result<Organization, AppError> {
        let now = self.clock().now();
        let new = NewOrganization {
            id: OrganizationId::new(now),
            name: name.as_str().to_owned(),
            slug,
            plan: plan::OF_NEW,
            is_personal: false,
            created_by: owner,
        };
        let mut tx = self.store().begin().await?;
        tx.organization_insert(&new, now)
            .await
            .map_err(|error| slug_taken(error, &new.slug))?;
        tx.member_insert(new.id, owner, Role::Owner, None, now)
            .await?;
        let made = tx.organization_get(new.id).await?;
        let made = made.ok_or(AppError::NotFound("organization"))?;
        let changes = json!({ "after": told(&made) });
        tx.audit_insert(&actor.entry(new.id, deed("organization.created", new.id), &changes, now))
            .await?;
        tx.commit().await?;
        Ok(made)
    }

    /// The organizations that somebody belongs to, and as what: of a key its own.
    pub async fn organization_list(
        &self,
        identity: &Identity,
        presence: Presence,
        page: Page,
    ) -> Result<Paged<(Organization, Role)>, AppError> {
        let mut read = self.store().snapshot().await?;
        match (identity, presence) {
            (Identity::User { user, .. }, Presence::Here) => {
                Ok(read.organization_list(*user, page).await?)
            }
            (Identity::User { user, .. }, Presence::Deleted) => {
                Ok(read.organization_list_deleted(*user, page).await?)
            }
            (Identity::Key(key), _) => {
                let role = role_of_key(key).ok_or(AppError::Role(Role::Viewer))?;
                let own = match presence {
                    Presence::Here => read.organization_get(key.organization).await?,
                    Presence::Deleted => None,
                };
                let own = own.map(|organization| (organization, role));
                Ok(Paged::of_all(own.into_iter().collect(), page))
            }
        }
    }

    /// The organization of this id.
    pub async fn organization_get(&self, id: OrganizationId) -> Result<Organization, AppError> {
        let found = self.store().read().await?.organization_get(id).await?;
        found.ok_or(AppError::NotFound("organization"))
    }

    /// Changes name and slug.
    pub async fn organization_change(
        &self,
        id: OrganizationId,
        change: OrganizationChange,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<Organization, AppError> {
        let now = self.clock().now();
        let (mut tx, before) = self.organization_begin(id).await?;
        expected.check(before.version)?;
        let name = change
            .name
            .as_ref()
            .map_or(before.name.as_str(), Name::as_str);
        let slug = change.slug.as_ref().unwrap_or(&before.slug);
        if name == before.name && *slug == before.slug {
            return Ok(before);
        }
        tx.organization_rename(id, name, slug, now)
            .await
            .map_err(|error| slug_taken(error, slug))?;
        let after = tx.organization_get(id).await?;
        let after = after.ok_or(AppError::NotFound("organization"))?;
        let changes = json!({ "before": told(&before), "after": told(&after) });
        tx.audit_insert(&actor.entry(id, deed("organization.changed", id), &changes, now))
            .await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes the organization; an owner may have it back until it is purged. Its mocks answer no more.
    pub async fn organization_delete(
        &self,
        id: OrganizationId,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        let (mut tx, before) = self.organization_begin(id).await?;
        expected.check(before.version)?;
        if before.is_personal {
            let why = "this is the personal organization of an account: it ends with the account";
            return Err(AppError::Conflict(why));
        }
        tx.organization_delete(id, Some(now), now).await?;
        let changes = json!({ "before": told(&before) });
        tx.audit_insert(&actor.entry(id, deed("organization.deleted", id), &changes, now))
            .await?;
        self.commit_and_forget(tx, id).await
    }

    /// Takes back that an organization was deleted, for one of its owners.
    pub async fn organization_restore(
        &self,
        user: UserId,
        id: OrganizationId,
        actor: &Actor,
    ) -> Result<Organization, AppError> {
        const NONE: AppError = AppError::NotFound("deleted organization of yours");
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let before = tx.organization_get_deleted(user, id).await?.ok_or(NONE)?;
        if before.suspended_at.is_some() {
            return Err(AppError::Suspended);
        }
        tx.organization_delete(id, None, now).await?;
        let after = tx.organization_get(id).await?.ok_or(NONE)?;
        let changes = json!({ "after": told(&after) });
        tx.audit_insert(&actor.entry(id, deed("organization.restored", id), &changes, now))
            .await?;
        self.commit_and_forget(tx, id).await?;
        Ok(after)
    }

    /// Stops an organization, or lets it go on: for the operator. It can still be read, but nothing in it changed,
    /// and its mocks are at rest.
    pub async fn organization_suspend(
        &self,
        id: OrganizationId,
        suspended: bool,
        actor: &Actor,
    ) -> Result<Organization, AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let before = tx.organization_lock(id).await?;
        let before = before.ok_or(AppError::NotFound("organization"))?;
        if before.suspended_at.is_some() == suspended {
            return Ok(before);
        }
        tx.organization_suspend(id, suspended.then_some(now), now)
            .await?;
        let action = if suspended {
            "organization.suspended"
        } else {
            "organization.resumed"
        };
        tx.audit_insert(&actor.entry(id, deed(action, id), &json!({}), now))
            .await?;
        let after = tx.organization_get(id).await?;
        self.commit_and_forget(tx, id).await?;
        after.ok_or(AppError::NotFound("organization"))
    }

    /// Begins a change in an organization, which nobody else changes until it ends.
    pub(super) async fn organization_begin(
        &self,
        id: OrganizationId,
    ) -> Result<(Tx, Organization), AppError> {
        let mut tx = self.store().begin().await?;
        let organization = tx.organization_lock(id).await?;
        let organization = organization.ok_or(AppError::NotFound("organization"))?;
        Ok((tx, organization))
    }

    /// Whether its mocks answer, or to whom, has changed: the mock plane looks again.
    pub(super) async fn commit_and_forget(
        &self,
        mut tx: Tx,
        id: OrganizationId,
    ) -> Result<(), AppError> {
        let slugs = tx.project_touch_all(id, self.clock().now()).await?;
        self.commit(tx, News::Forget(slugs)).await
    }
}

fn deed(action: &'static str, id: OrganizationId) -> Deed {
    Deed {
        action,
        kind: "organization",
        id: id.to_string(),
    }
}

/// What the audit log tells of it.
fn told(organization: &Organization) -> Value {
    json!({ "name": organization.name, "slug": organization.slug.as_str() })
}

pub(super) fn slug_taken(error: StoreError, slug: &Slug) -> AppError {
    match error {
        StoreError::Taken(Constraint::OrganizationSlug) => AppError::SlugTaken(slug.clone()),
        other => other.into(),
    }
}
