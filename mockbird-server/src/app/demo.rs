//! The project that a new server answers with.

use mockbird_core::spec::{self, Format, Spec};

use super::App;
use crate::domain::{OrganizationId, Plan, ProjectId, Role, Slug, UserId};
use crate::store::{NewOrganization, NewProject, NewUser, StoreError};

/// Its slug: it answers at `/m/demo/`.
pub const DEMO_SLUG: &str = "demo";

const SPEC: &str = include_str!("../../assets/demo.json");

/// Nobody gets mail there (RFC 2606), and nobody logs in: it has no password.
const OWNER: &str = "demo@mockbird.invalid";

impl App {
    /// Gives a new database its demo project, if it is wished for; a database that ever had a project gets none.
    pub async fn demo_ensure(&self) -> Result<(), StoreError> {
        if !self.config().mocks.demo || self.store().read().await?.project_any().await? {
            return Ok(());
        }
        match self.demo_insert().await {
            // Another server started beside this one.
            Err(StoreError::Taken(_)) => Ok(()),
            inserted => inserted,
        }
    }

    async fn demo_insert(&self) -> Result<(), StoreError> {
        let now = self.clock().now();
        let broken = |what: String| StoreError::Corrupt(format!("the demo project: {what}"));
        let slug: Slug = DEMO_SLUG
            .parse()
            .map_err(|refusal| broken(format!("{refusal}")))?;
        let email = OWNER
            .parse()
            .map_err(|refusal| broken(format!("{refusal}")))?;
        let spec = demo_spec().ok_or_else(|| broken("no spec".to_owned()))?;
        let user = NewUser {
            id: UserId::new(now),
            email,
            name: None,
            first_name: None,
            last_name: None,
        };
        let organization = NewOrganization {
            id: OrganizationId::new(now),
            name: spec.name.clone(),
            slug: slug.clone(),
            plan: Plan::Unlimited,
            is_personal: false,
            created_by: user.id,
        };
        let project = NewProject {
            id: ProjectId::new(now),
            organization: organization.id,
            name: spec.name.clone(),
            slug,
            created_by: None,
        };
        let mut tx = self.store().begin().await?;
        tx.user_insert(&user, now).await?;
        tx.organization_insert(&organization, now).await?;
        tx.member_insert(organization.id, user.id, Role::Owner, None, now)
            .await?;
        tx.project_insert(&project, now).await?;
        tx.project_spec_save(organization.id, project.id, &spec, None, now)
            .await?;
        tx.commit().await
    }
}

pub(super) fn demo_spec() -> Option<Spec> {
    let mut document = spec::read(SPEC, Format::Json).ok()?;
    document.decode().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_compiles_without_a_warning() {
        let spec = demo_spec().unwrap();
        assert_eq!(spec.is_public, Some(true));
        let compiled = mockbird_core::Engine::compile(&spec).unwrap();
        assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    }
}
