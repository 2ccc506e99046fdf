//! What a project has beside its mocks.

use http::HeaderValue;

use super::guard::{Guard, Refused};
use crate::domain::{Feature, Millis, Plan};
use crate::store::{Conn, Project, StoreError};

/// Whose a project is, and what goes for it whatever its mocks are; an edit of them leaves it as it is.
#[derive(Debug)]
pub(super) struct Tenant {
    plan: Plan,
    guard: Guard,
}

impl Tenant {
    /// That of a project, as it is now.
    pub(super) async fn load(conn: &mut Conn, project: &Project) -> Result<Self, StoreError> {
        let organization = project.organization;
        let plan = conn.organization_get(organization).await?;
        let settings = conn.settings_get(organization).await?;
        let keys = conn.call_key_list(organization, project.id).await?;
        let missing = || StoreError::Corrupt("a project without organization".to_owned());
        Ok(Self {
            plan: plan.ok_or_else(missing)?.plan,
            guard: Guard::new(project, &settings.ok_or_else(missing)?, keys),
        })
    }

    /// Whether somebody who shows this key, if any, may call the project now; at a host of its own, or not.
    pub(super) fn admit(
        &self,
        key: Option<&HeaderValue>,
        own_host: bool,
        now: Millis,
    ) -> Result<(), Refused> {
        self.guard.admit(key, now)?;
        if own_host && !self.plan.includes(Feature::Subdomain) {
            return Err(Refused::NoHost(self.plan));
        }
        Ok(())
    }

    /// What it weighs.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.guard.memory_bytes()
    }
}
