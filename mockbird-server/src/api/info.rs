//! What a client may know before it logs in.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Json;
use crate::app::App;
use crate::config::Registration;

/// What this server is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    /// The version of MockBird.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Whether people may sign up by themselves.
    registration_open: bool,
    /// Whether an e-mail address must be proved before its account can be used.
    verify_email: bool,
    /// Projects answer at `{slug}.` and this, if it is there.
    mocks_domain: Option<String>,
}

/// What this server is, and who may come in.
#[utoipa::path(get, path = "/api/info", tag = "server", responses((status = 200, body = Info)))]
pub(super) async fn info(State(app): State<App>) -> Json<Info> {
    let config = app.config();
    Json(Info {
        version: env!("CARGO_PKG_VERSION"),
        registration_open: config.auth.registration == Registration::Open,
        verify_email: config.auth.verify_email,
        mocks_domain: config.listen.mocks_domain.clone(),
    })
}
