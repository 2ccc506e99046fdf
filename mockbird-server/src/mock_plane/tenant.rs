//! What a project has beside its mocks.

use std::sync::Arc;

use http::HeaderValue;

use super::guard::{Guard, Refused, Sight};
use super::rates::Gauge;
use super::shared::Shared;
use super::usage::Usage;
use super::waiting::Room;
use crate::config::{self, Config};
use crate::domain::{Clock, Feature, Millis, Month, OrganizationId, Plan, ProjectId, Quota};
use crate::limits::Limit;
use crate::logs::LogRules;
use crate::store::{Conn, Project, StoreError};

/// Whose a project is, and what goes for it whatever its mocks are; an edit of them leaves it as it is.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) organization: OrganizationId,
    pub(super) project: ProjectId,
    pub(super) plan: Plan,
    guard: Guard,
    /// What its organization may use in a month.
    pub(super) quota: Option<Quota>,
    /// How often the project may be asked.
    pub(super) limit: Option<Limit>,
    pub(super) gauge: Arc<Gauge>,
    pub(super) usage: Arc<Usage>,
    pub(super) room: Arc<Room>,
    pub(super) log_rules: LogRules,
}

/// What tenants share with each other, and with what is loaded of them later.
#[derive(Debug)]
pub(super) struct Tenants {
    pub(super) usage: Shared<OrganizationId, Usage>,
    rooms: Shared<ProjectId, Room>,
    gauges: Shared<ProjectId, Gauge>,
    /// The most replies of a project that wait.
    waiting: usize,
    rates: config::Rates,
    clock: Clock,
}

impl Tenants {
    pub(super) fn new(config: &Config, clock: Clock) -> Self {
        Self {
            usage: Shared::new(),
            rooms: Shared::new(),
            gauges: Shared::new(),
            waiting: config.mocks.waiting as usize,
            rates: config.rates,
            clock,
        }
    }

    /// The tenant of a project, as it is now.
    pub(super) async fn load(
        &self,
        conn: &mut Conn,
        project: &Project,
    ) -> Result<Tenant, StoreError> {
        let organization = project.organization;
        let settings = conn.settings_get(organization).await?;
        let keys = conn.call_key_list(organization, project.id).await?;
        let usage = self.usage.get_or(organization, Usage::default);
        let quota = Quota::of(project.plan);
        if quota.is_some() {
            let month = Month::of(self.clock.now());
            usage.learn(month, conn.usage_get(organization, month).await?);
        }
        let missing = || StoreError::Corrupt("an organization without settings".to_owned());
        Ok(Tenant {
            organization,
            project: project.id,
            plan: project.plan,
            limit: self.rates.of_project(project.plan).map(Limit::from),
            gauge: self.gauges.get_or(project.id, Gauge::default),
            guard: Guard::new(project, &settings.ok_or_else(missing)?, keys),
            usage,
            quota,
            room: self.rooms.get_or(project.id, || Room::new(self.waiting)),
            log_rules: LogRules::new(&project.log_settings()),
        })
    }

    /// Lets go what no project in memory needs any more.
    pub(super) fn prune(&self) {
        self.usage.prune(Usage::is_empty);
        self.rooms.prune(|_| true);
        self.gauges.prune(|_| true);
    }
}

impl Tenant {
    /// What somebody who shows this key, if any, may see, if they may call the project now; at a host of its own, or not.
    pub(super) fn admit(
        &self,
        key: Option<&HeaderValue>,
        own_host: bool,
        now: Millis,
    ) -> Result<Sight, Refused> {
        let sight = self.guard.admit(key, now)?;
        if own_host && !self.plan.includes(Feature::Subdomain) {
            return Err(Refused::NoHost(self.plan));
        }
        Ok(sight)
    }

    /// Whether whoever calls it is known by its key.
    pub(super) fn takes_keys(&self) -> bool {
        self.guard.takes_keys()
    }

    /// What it weighs.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.guard.memory_bytes() + self.log_rules.names.memory_bytes()
    }
}
