//! Links by mail: for a new password, and to prove an e-mail address.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Welcome, welcome};
use super::fields::Fields;
use super::{Json, Problem};
use crate::app::{App, Visitor};
use crate::domain::{Email, PlainToken};

/// Whom a mail is wished for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Addressee {
    /// The address of an account.
    #[schema(example = "ada@example.com")]
    email: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// What the link holds behind `token=`.
    token: String,
    /// At least 8 characters.
    #[schema(format = Password, min_length = 8)]
    password: String,
}

/// The proof of an address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    /// What the link holds behind `token=`.
    token: String,
    /// The password that was chosen.
    #[schema(format = Password, min_length = 8)]
    password: String,
}

/// Something that is done by mail.
#[derive(Serialize, ToSchema)]
pub(super) struct OnItsWay {
    /// What to expect, for people.
    message: &'static str,
}

impl OnItsWay {
    /// The same whether the address has an account or not.
    pub(super) fn to_whoever_signs_up() -> Self {
        let message = "a mail is on its way to this address: follow the link in it";
        Self { message }
    }

    fn if_there_is_an_account() -> Self {
        let message = "if there is an account of this address that needs it, a mail is on its way";
        Self { message }
    }
}

impl IntoResponse for OnItsWay {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self)).into_response()
    }
}

impl Addressee {
    fn email(&self) -> Result<Email, Problem> {
        let parsed = self.email.parse();
        parsed.map_err(|refusal| Problem::of_field("email", &refusal))
    }
}

/// Mails a link for a new password.
///
/// The answer is the same, and takes as long, whether the address has an account or not. The link is good for an hour
/// unless the operator says otherwise, and once.
#[utoipa::path(post, path = "/api/auth/forgot-password", tag = "auth", request_body = Addressee, responses(
    (status = 202, body = OnItsWay), (status = 422, body = Problem), (status = 429, body = Problem),
))]
pub(super) async fn forgot_password(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<Addressee>,
) -> Result<OnItsWay, Problem> {
    app.password_forgotten(&body.email()?, &visitor).await?;
    Ok(OnItsWay::if_there_is_an_account())
}

/// Sets a new password by the token of a link.
///
/// All sessions of the account end.
#[utoipa::path(post, path = "/api/auth/reset-password", tag = "auth", request_body = NewPassword, responses(
    (status = 204, description = "The password is set: log in with it"),
    (status = 422, description = "The link was used or has ended, or the password is too short", body = Problem),
    (status = 429, body = Problem),
))]
pub(super) async fn reset_password(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<NewPassword>,
) -> Result<StatusCode, Problem> {
    let mut fields = Fields::default();
    let password = fields.parse("password", &body.password);
    let password = fields.finish(password)?;
    let token = PlainToken::presented(&body.token);
    app.password_reset(&token, &password, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails a link that proves the address of an account once more.
///
/// The answer is the same, and takes as long, whether the address has an account or not.
#[utoipa::path(post, path = "/api/auth/resend-verification", tag = "auth", request_body = Addressee, responses(
    (status = 202, body = OnItsWay), (status = 422, body = Problem), (status = 429, body = Problem),
))]
pub(super) async fn resend_verification(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<Addressee>,
) -> Result<OnItsWay, Problem> {
    app.verification_ask(&body.email()?, &visitor).await?;
    Ok(OnItsWay::if_there_is_an_account())
}

/// Proves the address of an account by the token of a link, and logs in.
///
/// It takes the password, too: whoever follows a link that another one asked for must not open the account to him.
#[utoipa::path(post, path = "/api/auth/verify-email", tag = "auth", request_body = Proof, responses(
    (status = 200, body = Welcome),
    (status = 401, description = "The password is wrong", body = Problem),
    (status = 422, description = "The link was used or has ended", body = Problem),
    (status = 429, body = Problem),
))]
pub(super) async fn verify_email(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<Proof>,
) -> Result<(CookieJar, Json<Welcome>), Problem> {
    let token = PlainToken::presented(&body.token);
    let entered = app.email_verify(&token, &body.password, &visitor).await?;
    Ok(welcome(&app, entered))
}
