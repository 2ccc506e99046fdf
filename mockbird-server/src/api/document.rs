//! What describes the API for programs, beside what stands at each route (OpenAPI 3.1).

use http::StatusCode;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{Detail, Problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MockBird",
        description = "Define what a URL should return, get it, use it at once.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem, Detail)),
    modifiers(&Logins)
)]
pub(super) struct Document;

/// The ways to log in.
struct Logins;

impl Modify for Logins {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = Http::new(HttpAuthScheme::Bearer);
        components.add_security_scheme("login", SecurityScheme::Http(bearer));
        let header = ApiKeyValue::new("X-API-Key");
        components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
}

/// What any call may be answered.
const ALWAYS: [(StatusCode, &str); 3] = [
    (StatusCode::BAD_REQUEST, "It cannot be read"),
    (
        StatusCode::TOO_MANY_REQUESTS,
        "It came too often; `Retry-After` says when to come again",
    ),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "The database is away; `Retry-After` says when to come again",
    ),
];

/// And one that changes something.
const CHANGING: [(StatusCode, &str); 1] = [(
    StatusCode::FORBIDDEN,
    "A page of another site sent it, or the role is not enough",
)];

/// And one with a query.
const WITH_QUERY: [(StatusCode, &str); 1] = [(
    StatusCode::UNPROCESSABLE_ENTITY,
    "The query is not what it should be; `details` say where",
)];

/// And one with a body.
const WITH_BODY: [(StatusCode, &str); 3] = [
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is no JSON"),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "The body is not what it should be; `details` say where",
    ),
];

/// Adds to each operation what it may be answered like any other, where it does not say so itself.
pub(super) fn say_what_any_may_answer(document: &mut utoipa::openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        let PathItem {
            get,
            put,
            post,
            delete,
            patch,
            ..
        } = item;
        let reading = get.iter_mut().map(|operation| (operation, false));
        let changing = [put, post, delete, patch].into_iter().flatten();
        let changing = changing.map(|operation| (operation, true));
        for (operation, changes) in reading.chain(changing) {
            add(operation, &ALWAYS);
            if changes {
                add(operation, &CHANGING);
            }
            if operation.request_body.is_some() {
                add(operation, &WITH_BODY);
            }
            if operation.parameters.iter().flatten().any(is_of_query) {
                add(operation, &WITH_QUERY);
            }
        }
    }
}

fn is_of_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
}

fn add(operation: &mut Operation, answers: &[(StatusCode, &str)]) {
    for (status, why) in answers {
        let problem = || {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            ResponseBuilder::new()
                .description(*why)
                .content("application/json", content)
                .build()
                .into()
        };
        let known = &mut operation.responses.responses;
        known
            .entry(status.as_u16().to_string())
            .or_insert_with(problem);
    }
}
