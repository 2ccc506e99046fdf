//! The logins of a user.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LoggedIn;
use super::time::Time;
use super::{Json, List, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError};
use crate::domain::SessionId;
use crate::store;

/// A login that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    /// Its id.
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// With what program it began.
    user_agent: Option<String>,
    /// From which address it was last refreshed.
    ip_address: Option<String>,
    /// When it began.
    created_at: Time,
    /// When it was last refreshed.
    last_used_at: Time,
    /// When it ends if nobody uses it.
    expires_at: Time,
}

impl Session {
    fn new(session: store::Session, current: SessionId) -> Self {
        Self {
            current: session.id == current,
            id: session.id.to_string(),
            user_agent: session.user_agent,
            ip_address: session.ip_address,
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
        }
    }
}

/// The logins of who asks that go on, the latest first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth", security(("login" = [])), params(PageQuery), responses(
    (status = 200, body = List<Session>), (status = 401, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    who: LoggedIn,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Session>>, Problem> {
    let sessions = app.session_list(who.user, page.try_into()?).await?;
    let sessions = sessions.map(|session| Session::new(session, who.session));
    Ok(Json(sessions.into()))
}

/// Ends one login of who asks: its tokens are good no more.
#[utoipa::path(delete, path = "/api/auth/sessions/{session}", tag = "auth", security(("login" = [])),
    params(("session" = String, Path, description = "The id of the session")), responses(
    (status = 204, description = "The session is over"), (status = 401, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn revoke(
    State(app): State<App>,
    who: LoggedIn,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    let session = session.parse().map_err(|_| AppError::NotFound("session"))?;
    app.session_revoke(who.user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all logins of who asks, this one included.
#[utoipa::path(delete, path = "/api/auth/sessions", tag = "auth", security(("login" = [])), responses(
    (status = 204, description = "All sessions are over"), (status = 401, body = Problem),
))]
pub(super) async fn revoke_all(
    State(app): State<App>,
    who: LoggedIn,
) -> Result<StatusCode, Problem> {
    app.session_revoke_all(who.user).await?;
    Ok(StatusCode::NO_CONTENT)
}
