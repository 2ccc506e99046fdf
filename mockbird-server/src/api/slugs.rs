//! Slugs of projects, for whoever thinks of one.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Caller, Json, Path, Problem};
use crate::app::App;
use crate::domain::Slug;

/// Which slug.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SlugPath {
    /// The slug.
    slug: String,
}

/// Whether a slug is free.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SlugReport {
    /// The slug that was asked for.
    #[schema(example = "shop")]
    slug: String,
    /// Whether a project can be given it.
    is_free: bool,
    /// Why no project can have it, whosever; null: it is taken, or free.
    refusal: Option<String>,
    /// Others that are free and near it, if it is not.
    #[schema(example = json!(["shop-2", "shop-3"]))]
    suggestions: Vec<String>,
}

/// Whether a project can be given a slug, and what is near it.
///
/// A project that was deleted keeps its slug until it can be had back no more.
#[utoipa::path(get, path = "/api/slugs/{slug}", tag = "projects", security(("login" = []), ("key" = [])),
    params(SlugPath), responses(
    (status = 200, body = SlugReport), (status = 401, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    _: Caller,
    Path(path): Path<SlugPath>,
) -> Result<Json<SlugReport>, Problem> {
    let report = app.slug_report(&path.slug).await?;
    Ok(Json(SlugReport {
        slug: path.slug,
        is_free: report.is_free,
        refusal: report.refusal.map(|refusal| refusal.to_string()),
        suggestions: report.suggestions.iter().map(Slug::to_string).collect(),
    }))
}
