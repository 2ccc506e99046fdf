//! What was asked of mocks, projects and organizations, in numbers.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Member, Viewer};
use super::fields::Fields;
use super::mocks::MockPath;
use super::orgs::OrganizationPath;
use super::project_access::{InMock, InProject};
use super::projects::ProjectPath;
use super::time::{Time, moment};
use super::{Json, Problem, Query};
use crate::app::{self, App, Span};
use crate::domain::{Counts, Millis, Period, Refusal, Rollup, Scope};

/// How many paths are told.
const TOP_PATHS: usize = 10;

/// Which stretch of time; everything is in UTC.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `hour`: the last 60 minutes, by the minute. `day`: the last 24 hours, by the hour. `week`: the last 7 days, `month`: the last 30,
    /// by the day. The minute, hour or day that goes on is the last of them. With `from`, what the points are: `hour` minutes, `day`
    /// hours, `week` and `month` days.
    #[param(inline, nullable = false, default = "day")]
    period: Option<Window>,
    /// From this moment on, in place of the last ones; at most 1,500 points. Minutes are there of the last 2 days, hours of the last 90.
    #[param(nullable = false, format = DateTime)]
    from: Option<String>,
    /// Before this moment; left out, until now. It takes `from`.
    #[param(nullable = false, format = DateTime)]
    before: Option<String>,
}

/// How long the stretch of time is.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Window {
    Hour,
    #[default]
    Day,
    Week,
    Month,
}

impl Window {
    /// What its points are, and how many of them there are.
    fn points(self) -> (Period, i64) {
        match self {
            Self::Hour => (Period::Minute, 60),
            Self::Day => (Period::Hour, 24),
            Self::Week => (Period::Day, 7),
            Self::Month => (Period::Day, 30),
        }
    }
}

/// What was asked in a stretch of time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Analytics {
    /// When it begins.
    from: Time,
    /// When it ends: with the minute, hour or day that goes on, if it is not over.
    before: Time,
    /// What a point is of: `minute`, `hour` or `day`.
    #[schema(example = "hour")]
    interval: &'static str,
    /// All of it.
    #[serde(flatten)]
    total: Numbers,
    /// The paths that were asked for most, most first.
    top_paths: Vec<TopPath>,
    /// By how much the counts of `topPaths` may be too low: 0 while there were no more than 64 paths, never more than one in 65 requests.
    top_paths_missed: u64,
    /// The points in order, without a gap: those without requests, too.
    points: Vec<Point>,
}

/// A point of a chart.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Point {
    /// When it begins.
    at: Time,
    #[serde(flatten)]
    numbers: Numbers,
}

/// What is counted of requests.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Numbers {
    /// Requests.
    requests: u64,
    /// Those that were answered by a status of 400 or above.
    errors: u64,
    /// Those that no mock matched.
    unmatched: u64,
    /// Bytes of the bodies of the replies, as they were sent.
    bytes: u64,
    /// Requests by status.
    statuses: Statuses,
    /// How long they took, with the delay of the mock; null if there were none.
    latency: Option<Latency>,
    /// From how many addresses they came: an estimate whose standard error is 1.6 %.
    unique_visitors: u64,
}

/// Requests by the first digit of their status.
#[derive(Serialize, ToSchema)]
struct Statuses {
    #[serde(rename = "1xx")]
    informational: u64,
    #[serde(rename = "2xx")]
    successful: u64,
    #[serde(rename = "3xx")]
    redirected: u64,
    #[serde(rename = "4xx")]
    refused: u64,
    #[serde(rename = "5xx")]
    failed: u64,
}

/// Percentiles in milliseconds, at most 1.6 % off.
#[derive(Serialize, ToSchema)]
struct Latency {
    /// Half of the requests took no longer.
    p50: f64,
    /// 95 of 100 took no longer.
    p95: f64,
    /// 99 of 100 took no longer.
    p99: f64,
}

/// A path, and how often it was asked for.
#[derive(Serialize, ToSchema)]
struct TopPath {
    /// The path inside of the project; one of more than 200 bytes is cut.
    #[schema(example = "/birds/wren")]
    path: String,
    /// How often.
    requests: u64,
}

impl From<&Rollup> for Numbers {
    fn from(rollup: &Rollup) -> Self {
        let Counts {
            requests,
            errors,
            unmatched,
            bytes,
            classes: [informational, successful, redirected, refused, failed],
        } = rollup.counts;
        Self {
            requests,
            errors,
            unmatched,
            bytes,
            statuses: Statuses {
                informational,
                successful,
                redirected,
                refused,
                failed,
            },
            latency: Latency::of(rollup),
            unique_visitors: rollup.visitors.estimate(),
        }
    }
}

impl Latency {
    fn of(rollup: &Rollup) -> Option<Self> {
        let ms = |percent| rollup.latencies.percentile(percent).map(milliseconds);
        Some(Self {
            p50: ms(50)?,
            p95: ms(95)?,
            p99: ms(99)?,
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 microseconds are 285 years"
)]
fn milliseconds(us: u64) -> f64 {
    us as f64 / 1000.0
}

impl From<app::Analytics> for Analytics {
    fn from(analytics: app::Analytics) -> Self {
        let app::Analytics {
            span,
            total,
            points,
        } = analytics;
        let point = |(at, rollup): &(Millis, Rollup)| Point {
            at: (*at).into(),
            numbers: rollup.into(),
        };
        let top_path = |(path, requests)| TopPath { path, requests };
        Self {
            from: span.from.into(),
            before: span.until.into(),
            interval: span.of.name(),
            total: (&total).into(),
            top_paths: total
                .paths
                .top(TOP_PATHS)
                .into_iter()
                .map(top_path)
                .collect(),
            top_paths_missed: total.paths.missed(),
            points: points.iter().map(point).collect(),
        }
    }
}

/// What was asked that a mock answered. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/mocks/{mock}/analytics", tag = "analytics", security(("login" = []), ("key" = [])),
    params(MockPath, Wanted), responses(
    (status = 200, body = Analytics), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_mock(
    State(app): State<App>,
    within: InMock<Viewer>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Analytics>, Problem> {
    answer(&app, Scope::Mock(within.mock), wanted).await
}

/// What was asked of a project. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/projects/{project}/analytics", tag = "analytics", security(("login" = []), ("key" = [])),
    params(ProjectPath, Wanted), responses(
    (status = 200, body = Analytics), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_project(
    State(app): State<App>,
    within: InProject<Viewer>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Analytics>, Problem> {
    answer(&app, Scope::Project(within.project), wanted).await
}

/// What was asked of all projects of an organization. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/analytics", tag = "analytics", security(("login" = []), ("key" = [])),
    params(OrganizationPath, Wanted), responses(
    (status = 200, body = Analytics), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn of_organization(
    State(app): State<App>,
    member: Member<Viewer>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Analytics>, Problem> {
    answer(&app, Scope::Organization(member.organization), wanted).await
}

async fn answer(app: &App, scope: Scope, wanted: Wanted) -> Result<Json<Analytics>, Problem> {
    let span = span(wanted, app.clock().now())?;
    let analytics = app.analytics(scope, span).await?;
    Ok(Json(analytics.into()))
}

fn span(wanted: Wanted, now: Millis) -> Result<Span, Problem> {
    let (of, count) = wanted.period.unwrap_or_default().points();
    let mut fields = Fields::default();
    let from = wanted.from.map(|at| fields.take("from", moment(&at)));
    let until = wanted.before.map(|at| fields.take("before", moment(&at)));
    let span = match (from.flatten(), until.flatten()) {
        (None, None) => Some(Span::latest(of, count, now)),
        (None, Some(_)) => fields.take(
            "before",
            Err(Refusal("this takes `from` beside it".to_owned())),
        ),
        (Some(from), until) => {
            let span = Span::between(of, from, until.unwrap_or(now));
            fields.take("from", span.ok_or_else(|| unfit(of)))
        }
    };
    fields.finish(span)
}

fn unfit(of: Period) -> Refusal {
    Refusal(format!(
        "from here on there must be 1 to {} points: each is a {of}, and the last ends at `before`, or now",
        Span::POINTS_MAX
    ))
}
