//! What an organization uses of its plan.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, Member, Viewer};
use super::orgs::OrganizationPath;
use super::time::Time;
use super::{Json, Problem, Query};
use crate::app::{self, App};
use crate::domain::OrganizationId;

/// Of which organization.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsageQuery {
    /// The id of an organization; left out, the one that you start in, and of a key its own.
    organization: Option<String>,
}

/// What an organization has used in this month, beside what its plan includes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    /// The id of the organization.
    organization_id: String,
    /// What it pays for.
    #[schema(example = "unlimited")]
    plan: &'static str,
    /// The month, in UTC.
    #[schema(example = "2026-11")]
    month: String,
    /// When the next one begins, and requests and bytes are counted from nothing.
    resets_at: Time,
    /// Requests to mocks. CORS preflights are not counted, nor what is refused before a mock was looked for, or without its reply.
    requests: Share,
    /// Bytes of the bodies of their replies, compressed where they are.
    bytes: Share,
    /// At how many percent of requests or bytes the owners were told by mail: 75, 90 or 100; null: not yet.
    noticed_percent: Option<u8>,
    /// Mocks of all projects, now.
    mocks: Share,
    /// From how many addresses requests came: an estimate whose standard error is 1.6 %, from what is logged.
    unique_visitors: u64,
}

/// What is used of what there is.
#[derive(Serialize, ToSchema)]
pub(super) struct Share {
    /// How much is used.
    used: u64,
    /// How much the plan includes; null: as much as you like.
    limit: Option<u64>,
}

impl From<app::Usage> for Usage {
    fn from(usage: app::Usage) -> Self {
        let allowance = usage.plan.allowance();
        let share = |used, limit| Share { used, limit };
        Self {
            organization_id: usage.organization.to_string(),
            plan: usage.plan.name(),
            month: usage.month.to_string(),
            resets_at: usage.month.next().start().into(),
            requests: share(usage.used.requests, allowance.requests),
            bytes: share(usage.used.bytes, allowance.bytes),
            noticed_percent: (usage.noticed > 0).then_some(usage.noticed),
            mocks: share(usage.mocks, allowance.mocks.map(Into::into)),
            unique_visitors: usage.unique_visitors,
        }
    }
}

/// What an organization has used in this month. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/usage", tag = "usage", security(("login" = []), ("key" = [])),
    params(OrganizationPath), responses(
    (status = 200, body = Usage), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem),
))]
pub(super) async fn of_organization(
    State(app): State<App>,
    member: Member<Viewer>,
) -> Result<Json<Usage>, Problem> {
    let usage = app.usage_get(member.organization).await?;
    Ok(Json(usage.into()))
}

/// What your organization has used in this month, or another one that you belong to. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/usage", tag = "usage", security(("login" = []), ("key" = [])),
    params(UsageQuery), responses(
    (status = 200, body = Usage), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such organization", body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_caller(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<UsageQuery>,
) -> Result<Json<Usage>, Problem> {
    let organization = query
        .organization
        .as_deref()
        .map(str::parse::<OrganizationId>);
    let organization = organization.transpose();
    let organization =
        organization.map_err(|refusal| Problem::of_field("organization", &refusal))?;
    let usage = app.usage_of(&caller.identity, organization).await?;
    Ok(Json(usage.into()))
}
