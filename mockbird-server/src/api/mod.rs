//! The JSON edge: every route of the management API on one page.
//!
//! A handler takes its request apart, calls one use case of [`app`](crate::app) and gives its result a
//! form. The document at `/api/openapi.json` is made from the handlers, so that a route cannot be
//! forgotten in it.

mod analytics;
mod audit;
mod auth;
mod caller;
mod cookies;
mod document;
mod extract;
mod fields;
mod headers;
mod health;
mod info;
mod invitations;
mod keys;
mod limits;
mod list;
mod log_settings;
mod logs;
mod members;
mod merge_patch;
mod mocks;
mod once;
mod orgs;
mod pages;
mod problem;
mod project_access;
mod project_body;
mod project_files;
mod project_state;
mod projects;
mod recovery;
mod sessions;
mod settings;
mod site;
mod slugs;
mod streamed;
mod templates;
mod time;
mod tree;
mod usage;
mod version;
mod whole;

pub use caller::{Admin, Caller, Editor, LoggedIn, Member, Owner, Rank, Viewer};
pub use extract::{Json, Path, Query};
pub use list::{List, PageQuery};
pub use problem::{Detail, Problem};
pub use project_access::{InMock, InProject};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use mockbird_core::ErrorCode;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;

/// Where the API can be tried in a browser.
pub const DOCS_PATH: &str = "/api/docs";

/// Where it is described for programs.
const DOCUMENT_PATH: &str = "/api/openapi.json";

/// The routes of the API, and what describes them.
fn routes(app: &App) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .merge(routes_of_accounts())
        .merge(routes_of_organizations(app))
        .merge(routes_of_projects(app))
        .merge(routes_of_mocks(app))
        .merge(routes_of_logs())
}

fn routes_of_accounts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(info::info))
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(auth::refresh))
        .routes(routes!(recovery::forgot_password))
        .routes(routes!(recovery::reset_password))
        .routes(routes!(recovery::resend_verification))
        .routes(routes!(recovery::verify_email))
        .routes(routes!(sessions::list, sessions::revoke_all))
        .routes(routes!(sessions::revoke))
        .routes(routes!(invitations::accept))
        .routes(routes!(invitations::decline))
}

fn routes_of_organizations(app: &App) -> OpenApiRouter<App> {
    let once = from_fn_with_state(app.clone(), once::once);
    OpenApiRouter::new()
        .routes(routes!(orgs::list, orgs::create).layer(once.clone()))
        .routes(routes!(orgs::get, orgs::replace, orgs::patch, orgs::delete))
        .routes(routes!(orgs::restore))
        .routes(routes!(members::list))
        .routes(routes!(members::get, members::patch, members::remove))
        .routes(routes!(members::leave))
        .routes(routes!(settings::get, settings::replace, settings::patch))
        .routes(routes!(usage::of_organization))
        .routes(routes!(usage::of_caller))
        .routes(routes!(analytics::of_organization))
        .routes(routes!(audit::list))
        .routes(routes!(invitations::list, invitations::create).layer(once.clone()))
        .routes(routes!(invitations::revoke))
        .routes(routes!(keys::list, keys::create).layer(once.clone()))
        .routes(routes!(keys::revoke))
        .routes(routes!(templates::built_in))
        .routes(routes!(templates::list, templates::create).layer(once))
        .routes(routes!(
            templates::get,
            templates::replace,
            templates::patch,
            templates::delete
        ))
}

fn routes_of_projects(app: &App) -> OpenApiRouter<App> {
    let once = from_fn_with_state(app.clone(), once::once);
    OpenApiRouter::new()
        .routes(routes!(projects::list, projects::create).layer(once.clone()))
        .routes(routes!(
            projects::get,
            projects::replace,
            projects::patch,
            projects::delete
        ))
        .routes(routes!(project_files::create).layer(once.clone()))
        .routes(routes!(project_files::import))
        .routes(routes!(
            project_files::export,
            project_files::export_by_post
        ))
        .routes(routes!(project_state::restore))
        .routes(routes!(project_state::archive))
        .routes(routes!(project_state::unarchive))
        .routes(routes!(project_state::duplicate).layer(once))
        .routes(routes!(slugs::get))
        .routes(routes!(analytics::of_project))
}

fn routes_of_mocks(app: &App) -> OpenApiRouter<App> {
    let once = from_fn_with_state(app.clone(), once::once);
    OpenApiRouter::new()
        .routes(routes!(mocks::list, mocks::create).layer(once.clone()))
        .routes(routes!(mocks::bulk::bulk).layer(once.clone()))
        .routes(routes!(mocks::order::reorder))
        .routes(routes!(
            mocks::get,
            mocks::replace,
            mocks::patch,
            mocks::delete
        ))
        .routes(routes!(mocks::activate))
        .routes(routes!(mocks::deactivate))
        .routes(routes!(analytics::of_mock))
        .routes(routes!(mocks::order::duplicate).layer(once.clone()))
        .routes(routes!(mocks::responses::list, mocks::responses::create).layer(once))
        .routes(routes!(
            mocks::responses::get,
            mocks::responses::replace,
            mocks::responses::patch,
            mocks::responses::delete
        ))
        .routes(routes!(mocks::responses::make_default))
}

fn routes_of_logs() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(logs::of_project))
        .routes(routes!(logs::of_mock))
        .routes(routes!(logs::get))
        .routes(routes!(logs::export))
        .routes(routes!(logs::stream))
        .routes(routes!(logs::mock))
        .routes(routes!(logs::replay))
}

/// Everything that is answered apart from mocks.
pub fn router(app: App) -> Router {
    let (api, mut document) = routes(&app).split_for_parts();
    document::say_what_any_may_answer(&mut document);
    let whole = from_fn_with_state(app.clone(), whole::whole);
    api.layer(whole.clone())
        .layer(from_fn_with_state(app.clone(), limits::counted))
        .merge(pages::routes().layer(whole))
        .layer(from_fn_with_state(app.clone(), site::refuse_foreign))
        .layer(from_fn(headers::not_stored))
        .merge(health())
        .route(mockbird_core::DOCUMENTATION_PATH, get(errors))
        .merge(SwaggerUi::new(DOCS_PATH).url(DOCUMENT_PATH, document))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(headers::guarded))
        .with_state(app)
}

/// What a load balancer asks; for everybody, and on the operator's own listener.
fn health() -> Router<App> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
}

/// What only the operator may ask.
pub fn admin_router(app: App) -> Router {
    health()
        .route("/metrics", get(health::metrics))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// The page that `documentation_url` leads to.
async fn errors() -> impl IntoResponse {
    mockbird_core::error_documentation().map(axum::body::Body::from)
}

async fn nothing_here(uri: http::Uri) -> Problem {
    let message = format!("there is nothing at {}", uri.path());
    Problem::new(ErrorCode::NotFound, message)
}

async fn wrong_method(method: http::Method, uri: http::Uri) -> Problem {
    let message = format!("{} does not take {method}", uri.path());
    Problem::new(ErrorCode::MethodNotAllowed, message)
}
