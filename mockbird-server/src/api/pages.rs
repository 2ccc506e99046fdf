//! The pages that links in mails lead to: each asks for a password, and works without scripts.
//!
//! A link that is merely looked at does nothing, because programs that guard mailboxes look at all of them.

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, StatusCode};
use minijinja::{AutoEscape, Environment, context};
use mockbird_core::ErrorCode;
use serde::Deserialize;

use super::cookies::Cookies;
use super::{Problem, Query};
use crate::app::{App, Entered, INVITATION_PAGE, RESET_PAGE, VERIFY_PAGE, Visitor};
use crate::domain::PlainToken;

const TEMPLATE: &str = include_str!("page.html");

/// Nothing but what the page itself holds; nobody frames it; and its address, which holds the token, goes to no other site.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// A page that asks for a password.
struct Page {
    path: &'static str,
    title: &'static str,
    label: &'static str,
    autocomplete: &'static str,
}

const RESET: Page = Page {
    path: RESET_PAGE,
    title: "Set a new password",
    label: "A new password, of at least 8 characters",
    autocomplete: "new-password",
};

const VERIFY: Page = Page {
    path: VERIFY_PAGE,
    title: "Prove your e-mail address",
    label: "The password that you chose",
    autocomplete: "current-password",
};

const INVITATION: Page = Page {
    path: INVITATION_PAGE,
    title: "Join an organization",
    label: "The password of your account; if you have none yet, the one that you want for it",
    autocomplete: "current-password",
};

/// What stands behind the `?` of a link.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

/// What somebody filled in.
#[derive(Deserialize)]
struct Filled {
    token: String,
    password: String,
}

/// The routes of the pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(RESET_PAGE, get(reset_ask).post(reset))
        .route(VERIFY_PAGE, get(verify_ask).post(verify))
        .route(INVITATION_PAGE, get(join_ask).post(join))
}

async fn reset_ask(Query(link): Query<Link>) -> Response {
    RESET.ask(StatusCode::OK, &link.token, "")
}

async fn reset(
    State(app): State<App>,
    visitor: Visitor,
    form: Result<Form<Filled>, FormRejection>,
) -> Result<Response, Problem> {
    let filled = taken(form)?;
    let set = match filled.password.parse() {
        Err(refusal) => Err(Problem::of_field("password", &refusal)),
        Ok(password) => {
            let token = PlainToken::presented(&filled.token);
            let set = app.password_reset(&token, &password, &visitor).await;
            set.map_err(Problem::from)
        }
    };
    Ok(match set {
        Ok(()) => RESET.done("Done: log in with it. All logins before have ended."),
        Err(problem) => RESET.ask_again(&filled.token, &problem),
    })
}

async fn verify_ask(Query(link): Query<Link>) -> Response {
    VERIFY.ask(StatusCode::OK, &link.token, "")
}

async fn verify(
    State(app): State<App>,
    visitor: Visitor,
    form: Result<Form<Filled>, FormRejection>,
) -> Result<Response, Problem> {
    let filled = taken(form)?;
    let token = PlainToken::presented(&filled.token);
    let entered = app.email_verify(&token, &filled.password, &visitor).await;
    Ok(match entered {
        Ok(entered) => VERIFY.entered(&app, &entered, "Done: you are logged in."),
        Err(error) => VERIFY.ask_again(&filled.token, &error.into()),
    })
}

async fn join_ask(Query(link): Query<Link>) -> Response {
    INVITATION.ask(StatusCode::OK, &link.token, "")
}

async fn join(
    State(app): State<App>,
    visitor: Visitor,
    form: Result<Form<Filled>, FormRejection>,
) -> Result<Response, Problem> {
    let filled = taken(form)?;
    let token = PlainToken::presented(&filled.token);
    let joined = app
        .invitation_enter(&token, &filled.password, &visitor)
        .await;
    Ok(match joined {
        Ok((organization, entered)) => {
            let name = organization.name;
            let done = format!("Done: you belong to {name}, and are logged in.");
            INVITATION.entered(&app, &entered, &done)
        }
        Err(error) => INVITATION.ask_again(&filled.token, &error.into()),
    })
}

fn taken(form: Result<Form<Filled>, FormRejection>) -> Result<Filled, Problem> {
    form.map(|Form(filled)| filled).map_err(|_| {
        let why = "this takes the form of the page, with `token` and `password`";
        Problem::new(ErrorCode::BadRequest, why)
    })
}

impl Page {
    fn ask(&self, status: StatusCode, token: &str, text: &str) -> Response {
        let Self {
            path,
            label,
            autocomplete,
            ..
        } = *self;
        let form = context! { action => path, token, label, autocomplete };
        Self::render(status, context! { title => self.title, text, form })
    }

    fn ask_again(&self, token: &str, problem: &Problem) -> Response {
        self.ask(problem.code().status(), token, problem.message())
    }

    /// Lets somebody in.
    fn entered(&self, app: &App, entered: &Entered, text: &str) -> Response {
        let cookies = Cookies::new(app.config()).set(&entered.tokens, app.config());
        (cookies, self.done(text)).into_response()
    }

    fn done(&self, text: &str) -> Response {
        Self::render(StatusCode::OK, context! { title => self.title, text })
    }

    #[expect(
        clippy::expect_used,
        reason = "the page is part of the program, and a test renders it both ways"
    )]
    fn render(status: StatusCode, values: minijinja::Value) -> Response {
        let mut environment = Environment::empty();
        // A link may hold whatever somebody wrote into it.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let page = environment.render_str(TEMPLATE, values);
        let page = page.expect("a page of ours is a good template");
        (status, HEADERS, page).into_response()
    }
}
