//! What was asked of mocks: lists, one request, files, and live.

mod events;
mod export;
mod object;
mod query;
mod replay;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use mockbird_core::ErrorCode;
use serde::Deserialize;
use utoipa::IntoParams;

use self::export::ExportQuery;
use self::object::{LogList, LoggedRequestWhole};
use self::query::{Cursor, OfMock, Wanted, part};
use self::replay::Replay;
use super::caller::Viewer;
use super::mocks::MockPath;
use super::project_access::{InMock, InProject};
use super::projects::ProjectPath;
use super::streamed::{Pieces, streamed};
use super::{Json, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError};
use crate::domain::LogId;

/// What tells a proxy to hand on what comes when it comes.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Which logged request.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct LogPath {
    /// The id of the project.
    #[serde(rename = "project")]
    _project: String,
    /// The id of the logged request.
    log: String,
}

impl LogPath {
    pub(super) fn id(&self) -> Result<LogId, AppError> {
        const NONE: AppError = AppError::NotFound("logged request");
        self.log.parse().map_err(|_| NONE)
    }
}

/// The requests to the mocks of a project, the latest first. Takes the role `viewer`.
///
/// They are kept as many days as the plan says. A request is there within a second or so after it was answered.
#[utoipa::path(get, path = "/api/projects/{project}/logs", tag = "logs", security(("login" = []), ("key" = [])),
    params(ProjectPath, PageQuery, Cursor, Wanted, OfMock), responses(
    (status = 200, body = LogList), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_project(
    State(app): State<App>,
    who: InProject<Viewer>,
    Query(page): Query<PageQuery>,
    Query(cursor): Query<Cursor>,
    Query(wanted): Query<Wanted>,
    Query(of): Query<OfMock>,
) -> Result<Json<LogList>, Problem> {
    let (page, before) = part(page, cursor)?;
    let filter = wanted.filter(of)?;
    let found = app.log_list(who.organization, who.project, &filter, before, page);
    Ok(Json(LogList::new(&found.await?, page)))
}

/// The requests that a mock answered, the latest first. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/mocks/{mock}/logs", tag = "logs", security(("login" = []), ("key" = [])),
    params(MockPath, PageQuery, Cursor, Wanted), responses(
    (status = 200, body = LogList), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_mock(
    State(app): State<App>,
    who: InMock<Viewer>,
    Query(page): Query<PageQuery>,
    Query(cursor): Query<Cursor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<LogList>, Problem> {
    let (page, before) = part(page, cursor)?;
    let filter = wanted.filter_of(who.mock)?;
    let found = app.log_list(who.organization, who.project, &filter, before, page);
    Ok(Json(LogList::new(&found.await?, page)))
}

/// A request to a mock of a project, whole. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/projects/{project}/logs/{log}", tag = "logs",
    security(("login" = []), ("key" = [])), params(LogPath), responses(
    (status = 200, body = LoggedRequestWhole), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such request, or it is not kept any more", body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    who: InProject<Viewer>,
    Path(path): Path<LogPath>,
) -> Result<Json<LoggedRequestWhole>, Problem> {
    let record = app
        .log_get(who.organization, who.project, path.id()?)
        .await?;
    Ok(Json(LoggedRequestWhole::new(&record)))
}

/// All requests to the mocks of a project as a file, the latest first. Takes the role `viewer`.
///
/// A cell of a table that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(get, path = "/api/projects/{project}/logs/export", tag = "logs",
    security(("login" = []), ("key" = [])), params(ProjectPath, ExportQuery, Wanted, OfMock), responses(
    (status = 200, description = "A line for each", content(
        (String = "application/x-ndjson"), (String = "text/csv"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn export(
    State(app): State<App>,
    who: InProject<Viewer>,
    Query(ExportQuery { format }): Query<ExportQuery>,
    Query(wanted): Query<Wanted>,
    Query(of): Query<OfMock>,
) -> Result<Response, Problem> {
    let filter = wanted.filter(of)?;
    let export = app.log_export(who.organization, who.project, filter);
    let export = export.await?;
    let headers = [
        (CONTENT_TYPE, format.content_type()),
        (CONTENT_DISPOSITION, format.file_name()),
    ];
    let body = made(|pieces| export::send(export, format, pieces))?;
    Ok((headers, body).into_response())
}

/// The requests to the mocks of a project as they are answered, as server-sent events. Takes the role `viewer`.
///
/// An event `log` is a request without its body; its `id` in `Last-Event-ID` goes on where a client was, with what was stored
/// since. Events come at most four times a second. A client that is too slow is sent `missed` with the `count` of those that
/// it did not get, and cut off. The stream ends when the login or key does, and when the server stops.
#[utoipa::path(get, path = "/api/projects/{project}/logs/stream", tag = "logs",
    security(("login" = []), ("key" = [])),
    params(ProjectPath, Wanted, OfMock,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last request that was seen")),
    responses(
    (status = 200, description = "Events, until either side ends it", content_type = "text/event-stream", body = String),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem),
    (status = 429, description = "As many are open as an organization may have", body = Problem),
))]
pub(super) async fn stream(
    State(app): State<App>,
    who: InProject<Viewer>,
    Query(wanted): Query<Wanted>,
    Query(of): Query<OfMock>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let filter = wanted.filter(of)?;
    let after = events::last_event(&headers)?;
    let identity = who.caller.identity.clone();
    let tail = app.log_tail(identity, who.organization, who.project, filter, after);
    let tail = tail.await?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (BUFFERING, HeaderValue::from_static("no")),
    ];
    let body = made(|pieces| events::send(tail, pieces))?;
    Ok((headers, body).into_response())
}

/// The mock that a logged request suggests, as `POST /api/projects/{project}/mocks` takes it; it is not saved. Takes the role
/// `viewer`.
///
/// Segments of the path that are numbers, UUIDs, ULIDs or long hexadecimal become parameters. It asks for what the query had, and
/// for short words and flags in a JSON object; secrets, ids, numbers, times and addresses are left out.
#[utoipa::path(post, path = "/api/projects/{project}/logs/{log}/mock", tag = "logs",
    security(("login" = []), ("key" = [])), params(LogPath), responses(
    (status = 200, body = Object), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such request, or it is not kept any more", body = Problem),
))]
pub(super) async fn mock(
    State(app): State<App>,
    who: InProject<Viewer>,
    Path(path): Path<LogPath>,
) -> Result<Json<serde_json::Value>, Problem> {
    let mock = app.log_mock(who.organization, who.project, path.id()?);
    Ok(Json(mock.await?))
}

/// What would answer a logged request now, and why. Takes the role `viewer`.
///
/// The mocks of now are asked, whoever may call them; nothing is counted or logged. What the log does not hold any more is said.
#[utoipa::path(post, path = "/api/projects/{project}/logs/{log}/replay", tag = "logs",
    security(("login" = []), ("key" = [])), params(LogPath), responses(
    (status = 200, body = Replay), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such request, or it is not kept any more", body = Problem),
))]
pub(super) async fn replay(
    State(app): State<App>,
    who: InProject<Viewer>,
    Path(path): Path<LogPath>,
) -> Result<Json<Replay>, Problem> {
    let replay = app.log_replay(who.organization, who.project, path.id()?);
    Ok(Json(Replay::new(replay.await?)))
}

/// A body that a task of its own makes.
fn made<F>(make: impl FnOnce(Pieces) -> F) -> Result<axum::body::Body, Problem>
where
    F: Future<Output = ()> + Send + 'static,
{
    let why = || Problem::new(ErrorCode::InternalError, "a fresh channel has no room");
    let (pieces, body) = streamed().ok_or_else(why)?;
    tokio::spawn(make(pieces));
    Ok(body)
}
