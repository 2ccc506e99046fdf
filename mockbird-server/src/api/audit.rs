//! The audit log of an organization.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Member};
use super::fields::Fields;
use super::orgs::OrganizationPath;
use super::time::{Time, moment};
use super::{Json, List, PageQuery, Problem, Query};
use crate::app::App;
use crate::store::{AuditEntry, AuditFilter};

/// Which lines of the audit log; what is left out excludes none.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this user.
    user_id: Option<String>,
    /// Done with this API key.
    key_id: Option<String>,
    /// Of this deed.
    #[param(example = "member.role_changed")]
    action: Option<String>,
    /// To this kind of thing.
    #[param(example = "member")]
    resource_type: Option<String>,
    /// To the thing of this id.
    resource_id: Option<String>,
    /// From this moment on.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before this moment.
    #[param(format = DateTime)]
    before: Option<String>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditLine {
    /// Its id.
    id: String,
    /// What was done.
    #[schema(example = "member.role_changed")]
    action: String,
    /// Which user did it; null: a key, or the operator.
    user_id: Option<String>,
    /// With which API key it was done.
    key_id: Option<String>,
    /// The kind of thing it was done to.
    #[schema(example = "member")]
    resource_type: Option<String>,
    /// Which one.
    resource_id: Option<String>,
    /// What there was `before` and `after`.
    #[schema(value_type = Object, example = json!({"before": {"role": "member"}, "after": {"role": "admin"}}))]
    changes: serde_json::Value,
    /// From which address; null: by the operator on the server itself.
    ip_address: Option<String>,
    /// With what program.
    user_agent: Option<String>,
    /// In which request.
    request_id: Option<String>,
    /// When.
    created_at: Time,
}

impl From<AuditEntry> for AuditLine {
    fn from(entry: AuditEntry) -> Self {
        let changes = entry.changes.as_deref().map(serde_json::from_str);
        Self {
            id: entry.id.to_string(),
            action: entry.action,
            user_id: entry.user.map(|id| id.to_string()),
            key_id: entry.key.map(|id| id.to_string()),
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            // Nothing but JSON is ever written there.
            changes: changes.and_then(Result::ok).unwrap_or_default(),
            ip_address: entry.ip_address,
            user_agent: entry.user_agent,
            request_id: entry.request_id,
            created_at: entry.created_at.into(),
        }
    }
}

/// Who changed what in an organization, the latest first. Takes the role `admin`.
#[utoipa::path(get, path = "/api/orgs/{organization}/audit-logs", tag = "audit log",
    security(("login" = []), ("key" = [])), params(OrganizationPath, PageQuery, Wanted), responses(
    (status = 200, body = List<AuditLine>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    member: Member<Admin>,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<AuditLine>>, Problem> {
    let (filter, page) = (filter(wanted)?, page.try_into()?);
    let lines = app.audit_list(member.organization, &filter, page).await?;
    Ok(Json(lines.map(AuditLine::from).into()))
}

fn filter(wanted: Wanted) -> Result<AuditFilter, Problem> {
    let mut fields = Fields::default();
    let user = wanted.user_id.map(|id| fields.parse("userId", &id));
    let key = wanted.key_id.map(|id| fields.parse("keyId", &id));
    let from = wanted.from.map(|at| fields.take("from", moment(&at)));
    let before = wanted.before.map(|at| fields.take("before", moment(&at)));
    fields.finish(Some(AuditFilter {
        user: user.flatten(),
        key: key.flatten(),
        action: wanted.action,
        resource_type: wanted.resource_type,
        resource_id: wanted.resource_id,
        from: from.flatten(),
        before: before.flatten(),
    }))
}
