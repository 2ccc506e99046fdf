//! Accounts and logins.

use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body::Body as _;
use mockbird_core::ErrorCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::LoggedIn;
use super::cookies::Cookies;
use super::fields::Fields;
use super::orgs::Organization;
use super::recovery::OnItsWay;
use super::site::Site;
use super::time::Time;
use super::{Json, Problem};
use crate::app::{App, Entered, NewAccount, Registered, Tokens, Visitor};
use crate::domain::PlainToken;
use crate::store;

/// An account to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Register {
    /// Where it gets mail.
    #[schema(example = "ada@example.com")]
    email: String,
    /// At least 8 characters.
    #[schema(format = Password, min_length = 8)]
    password: String,
    /// What it is called, and its organization.
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    /// As it stands in the link of an invitation that was mailed to the address: it lets in where nobody can sign up
    /// otherwise, and proves the address. The invitation is still to be accepted.
    invitation_token: Option<String>,
}

/// A login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The address of the account.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Its password.
    #[schema(format = Password)]
    password: String,
}

/// A refresh token; browsers send it by cookie, and no body.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Refresh {
    /// The last one that was given.
    refresh_token: String,
}

/// Somebody with an account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// Its id.
    id: String,
    /// Where it gets mail.
    email: String,
    /// What it is called.
    name: Option<String>,
    /// Whether the address was proved.
    email_verified: bool,
    /// When it was made.
    created_at: Time,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenPair {
    /// For each call, as `Authorization: Bearer`.
    access_token: String,
    /// For new tokens; good once.
    refresh_token: String,
    /// How long the access token is good, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
}

/// Somebody, and where it starts.
#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    user: User,
    /// Its own organization, or the first it joined; null if it is in none.
    organization: Option<Organization>,
}

/// Somebody who came in.
#[derive(Serialize, ToSchema)]
pub(super) struct Welcome {
    #[serde(flatten)]
    account: Account,
    #[serde(flatten)]
    tokens: TokenPair,
}

impl From<store::User> for User {
    fn from(user: store::User) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.full_name(),
            email: user.email.to_string(),
            email_verified: user.email_verified_at.is_some(),
            created_at: user.created_at.into(),
        }
    }
}

impl From<&Tokens> for TokenPair {
    fn from(tokens: &Tokens) -> Self {
        Self {
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.reveal().to_owned(),
            expires_in: tokens.expires_in.as_secs(),
        }
    }
}

pub(super) fn welcome(app: &App, entered: Entered) -> (CookieJar, Json<Welcome>) {
    let config = app.config();
    let cookies = Cookies::new(config).set(&entered.tokens, config);
    let welcome = Welcome {
        tokens: (&entered.tokens).into(),
        account: Account {
            user: entered.user.into(),
            organization: entered.organization.map(Into::into),
        },
    };
    (cookies, Json(welcome))
}

/// Makes an account with an organization of its own, and logs it in.
///
/// Browsers get the tokens as cookies too. Where e-mail addresses must be proved, the answer is 202 whether the address
/// has an account or not, and a mail says how to go on.
#[utoipa::path(post, path = "/api/auth/register", tag = "auth", request_body = Register, responses(
    (status = 201, body = Welcome),
    (status = 202, description = "Where addresses must be proved: a mail is on its way", body = OnItsWay),
    (status = 403, description = "Nobody can sign up here, or not with this address", body = Problem),
    (status = 409, description = "The address has an account (`EMAIL_TAKEN`)", body = Problem),
    (status = 422, body = Problem), (status = 429, body = Problem),
))]
pub(super) async fn register(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<Register>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let email = fields.parse("email", &body.email);
    let password = fields.parse("password", &body.password);
    let name = body.name.map(|name| fields.parse("name", &name));
    let account = email.zip(password).map(|(email, password)| NewAccount {
        email,
        password,
        name: name.flatten(),
    });
    let account = fields.finish(account)?;
    let invitation = body.invitation_token.as_deref().map(PlainToken::presented);
    let registered = app.register(&account, invitation.as_ref(), &visitor);
    Ok(match registered.await? {
        Registered::Entered(entered) => {
            let (cookies, welcome) = welcome(&app, *entered);
            (StatusCode::CREATED, cookies, welcome).into_response()
        }
        Registered::Mailed => OnItsWay::to_whoever_signs_up().into_response(),
    })
}

/// Logs in with e-mail address and password.
///
/// Browsers get the tokens as cookies too. Too many attempts, from one address or at one account, are refused for
/// a while.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, body = Welcome),
    (status = 401, description = "Address or password is wrong", body = Problem),
    (status = 403, description = "The operator shut the account, or its address is not proved yet (`EMAIL_NOT_VERIFIED`)", body = Problem),
    (status = 429, body = Problem),
))]
pub(super) async fn login(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<Login>,
) -> Result<(CookieJar, Json<Welcome>), Problem> {
    let entered = app.login(&body.email, &body.password, &visitor).await?;
    Ok(welcome(&app, entered))
}

/// Ends the session of who asks.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", security(("login" = [])), responses(
    (status = 204, description = "The session is over"), (status = 401, body = Problem),
))]
pub(super) async fn logout(
    State(app): State<App>,
    who: LoggedIn,
) -> Result<(StatusCode, CookieJar), Problem> {
    app.session_revoke(who.user, who.session).await?;
    Ok((StatusCode::NO_CONTENT, Cookies::new(app.config()).unset()))
}

/// Who is logged in, and where it starts.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", security(("login" = [])), responses(
    (status = 200, body = Account), (status = 401, body = Problem),
))]
pub(super) async fn me(State(app): State<App>, who: LoggedIn) -> Result<Json<Account>, Problem> {
    let (user, organization) = app.account(who.user).await?;
    Ok(Json(Account {
        user: user.into(),
        organization: organization.map(Into::into),
    }))
}

/// New tokens for a refresh token.
///
/// Each is good once. One that was used before, or comes from another device than the login, ends the session.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", request_body = Option<Refresh>, responses(
    (status = 200, body = TokenPair),
    (status = 401, description = "The session has ended: log in", body = Problem),
    (status = 429, body = Problem),
))]
pub(super) async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    request: Request,
) -> Result<(CookieJar, Json<TokenPair>), Problem> {
    let config = app.config();
    let cookies = Cookies::new(config);
    let token = refresh_token(&app, request, cookies).await?;
    let tokens = app
        .session_refresh(&PlainToken::presented(&token), &visitor)
        .await?;
    Ok((cookies.set(&tokens, config), Json((&tokens).into())))
}

/// That of the body; without a body that of the cookie, if one of our own pages asks.
async fn refresh_token(app: &App, request: Request, cookies: Cookies) -> Result<String, Problem> {
    // Some programs say that they send JSON even if they send nothing.
    if request.headers().contains_key(CONTENT_TYPE) && !request.body().is_end_stream() {
        let Json(body): Json<Refresh> = Json::from_request(request, &()).await?;
        return Ok(body.refresh_token);
    }
    let listen = &app.config().listen;
    let (headers, uri) = (request.headers(), request.uri());
    let own = Site::of(headers, uri, request.extensions(), listen) == Site::Own;
    let cookie = own.then(|| cookies.refresh(headers)).flatten();
    cookie.ok_or_else(|| {
        let why = "there is no refresh token: send it as `refreshToken` in a body of JSON";
        Problem::new(ErrorCode::Unauthorized, why)
    })
}
