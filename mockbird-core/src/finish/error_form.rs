//! The one form of every error: `{"error", "message", "documentation_url", "details"?}`.

use std::fmt::Write;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::json::write_string;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident, $advice:literal;)*) => {
        /// What went wrong, as a code that programs can rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it stands in a reply.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The status it is sent with.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// What it means and what to do.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

error_codes! {
    /// No mock answers the request.
    MockNotFound = "MOCK_NOT_FOUND", NOT_FOUND,
        "No active mock matches the request. `nearest` lists up to three mocks that almost did, and for each what differed.";
    /// A template failed while it was rendered.
    TemplateError = "TEMPLATE_ERROR", INTERNAL_SERVER_ERROR,
        "The response's template failed for this request, for example by a division by zero. The message names mock, response, line and column.";
    /// A template went beyond a bound.
    TemplateLimit = "TEMPLATE_LIMIT", INTERNAL_SERVER_ERROR,
        "The response's template needed more steps, bytes or levels than one answer may take. The message names the bound.";
    /// The request's body or framing is broken.
    BadRequest = "BAD_REQUEST", BAD_REQUEST,
        "The request could not be read: its framing or its compressed body is broken.";
    /// The client took too long.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT,
        "The request did not arrive in time. Send headers and body without long pauses.";
    /// The request's body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE,
        "The request's body is larger than the server takes, before or after it was inflated.";
    /// The request's target is too long.
    UriTooLong = "URI_TOO_LONG", URI_TOO_LONG,
        "The request's path and query are longer than the server takes.";
    /// The request's headers are too large.
    HeadersTooLarge = "HEADERS_TOO_LARGE", REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request has more or longer headers than the server takes.";
    /// No project has the slug.
    ProjectNotFound = "PROJECT_NOT_FOUND", NOT_FOUND,
        "No project of the service has the slug of the address.";
    /// The project does not answer.
    ProjectInactive = "PROJECT_INACTIVE", GONE,
        "The project was put to rest by its owner, archived, or suspended by the operator.";
    /// Nothing is at the address.
    NotFound = "NOT_FOUND", NOT_FOUND,
        "There is nothing at this address, or nothing that you may see: what belongs to another organization is not told apart from what does not exist.";
    /// The address does not take the method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED,
        "The address exists, but not for this method. `Allow` lists those it takes.";
    /// Nobody is logged in.
    Unauthorized = "UNAUTHORIZED", UNAUTHORIZED,
        "The request has no login and no key, or one that is wrong, expired or revoked.";
    /// Somebody is logged in who may not.
    Forbidden = "FORBIDDEN", FORBIDDEN,
        "The login or key is good, but its role or permission does not allow this.";
    /// The operator keeps out whoever asks.
    AccessDenied = "ACCESS_DENIED", FORBIDDEN,
        "The operator of the server keeps out the address that the request came from, or its country.";
    /// The account's address must be proved first.
    EmailNotVerified = "EMAIL_NOT_VERIFIED", FORBIDDEN,
        "The password is right, but the e-mail address of the account was never proved: follow the link that was mailed to it, or have it sent again.";
    /// The operator stopped the organization.
    OrganizationSuspended = "ORGANIZATION_SUSPENDED", FORBIDDEN,
        "The operator of the service stopped this organization: it can be read, but nothing in it changed.";
    /// The operator stopped the project.
    ProjectSuspended = "PROJECT_SUSPENDED", FORBIDDEN,
        "The operator of the service stopped this project: it can be read, but nothing in it changed.";
    /// The project is in the archive.
    ProjectArchived = "PROJECT_ARCHIVED", CONFLICT,
        "The project is in the archive, where nothing is changed: take it out first, and put it back afterwards if need be.";
    /// The input is not valid.
    ValidationFailed = "VALIDATION_FAILED", UNPROCESSABLE_ENTITY,
        "What was sent was read but is not valid. `details` lists each fault with its place and a remedy.";
    /// The body is of another type.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE,
        "The body is of a type that this address does not take: send JSON and say so.";
    /// Somebody else has it already.
    Conflict = "CONFLICT", CONFLICT,
        "Something that must be unique is taken.";
    /// There is an account of this address already.
    EmailTaken = "EMAIL_TAKEN", CONFLICT,
        "There is an account with this e-mail address already: log in, or ask for a new password.";
    /// An organization would have no owner.
    LastOwner = "LAST_OWNER", CONFLICT,
        "The organization would be left without an owner: make somebody else an owner first, or delete it.";
    /// There is a mock of the same method and path.
    DuplicateMock = "DUPLICATE_MOCK", CONFLICT,
        "The project has a mock of the same method and path, whatever its parameters are called; `details` name it. If that is meant, for example because their conditions differ, send `?allowDuplicate=true`.";
    /// A mock would have no response.
    LastResponse = "LAST_RESPONSE", CONFLICT,
        "A mock has at least one response: delete the mock, or add another response first.";
    /// The idempotency key stands for another request.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", UNPROCESSABLE_ENTITY,
        "The `Idempotency-Key` came before with another request: take a new one for each thing that is to be made.";
    /// The first request with the idempotency key has no answer.
    IdempotencyUnfinished = "IDEMPOTENCY_UNFINISHED", CONFLICT,
        "The first request with this `Idempotency-Key` is under way, or broke off. The message says which, and what to do.";
    /// It was changed meanwhile.
    VersionConflict = "VERSION_CONFLICT", CONFLICT,
        "It was changed since the `version` that was sent: read it again and repeat the change.";
    /// It was changed meanwhile, as the header says.
    PreconditionFailed = "PRECONDITION_FAILED", PRECONDITION_FAILED,
        "It was changed since the `If-Match` that was sent: read it again and repeat the change.";
    /// The plan does not include it.
    SubscriptionLimit = "SUBSCRIPTION_LIMIT", PAYMENT_REQUIRED,
        "The organization's plan does not include this, or no more of it.";
    /// Too many requests.
    RateLimitExceeded = "RATE_LIMIT_EXCEEDED", TOO_MANY_REQUESTS,
        "Too many requests. `Retry-After` says how long to wait. The limit may be a mock's own, its `rateLimit`: then the message names the mock, and the status is the one that it says.";
    /// The server cannot do its work just now.
    ServiceUnavailable = "SERVICE_UNAVAILABLE", SERVICE_UNAVAILABLE,
        "The service cannot do its work just now, for example because its database does not answer. `Retry-After` says when to try again.";
    /// Too many replies wait for their delay.
    TooManyWaiting = "TOO_MANY_WAITING", SERVICE_UNAVAILABLE,
        "As many replies of the project wait for their delay as may wait at the same time. `Retry-After` says when to try again; a shorter delay helps, too.";
    /// The server itself is at fault.
    InternalError = "INTERNAL_ERROR", INTERNAL_SERVER_ERROR,
        "MockBird failed on this request: a defect of its own, worth a report with the request and the mock.";
}

/// Where [`ErrorCode`]s are explained; every host serves it unless a mock has the same path.
pub const DOCUMENTATION_PATH: &str = "/docs/errors";

/// What most bodies have beside their message, near misses included.
const BODY_BYTES: usize = 1024;

/// The JSON text of an error; `extra` writes further members, each beginning with a comma.
fn error_body(code: ErrorCode, message: &str, extra: impl FnOnce(&mut String)) -> String {
    let mut body = String::with_capacity(message.len() + BODY_BYTES);
    body.extend(["{\"error\":\"", code.as_str(), "\",\"message\":"]);
    // Writing to a String cannot fail.
    let _ = write_string(&mut body, message);
    body.push_str(",\"documentation_url\":\"");
    body.extend([DOCUMENTATION_PATH, "#", code.as_str(), "\""]);
    extra(&mut body);
    body.push('}');
    body
}

/// A whole response in the form of errors.
///
/// ```
/// use mockbird_core::{ErrorCode, error_response};
/// let response = error_response(ErrorCode::PayloadTooLarge, "the body is larger than 10 MiB");
/// assert_eq!(response.status(), 413);
/// ```
pub fn error_response(code: ErrorCode, message: &str) -> Response<Bytes> {
    error_with(code, message, |_| {})
}

pub(crate) fn error_with(
    code: ErrorCode,
    message: &str,
    extra: impl FnOnce(&mut String),
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(error_body(code, message, extra)));
    *response.status_mut() = code.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The page behind `documentation_url`, for hosts that serve more than one engine.
pub fn error_documentation() -> Response<Bytes> {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>MockBird: errors</title><h1>Errors</h1>",
    );
    for code in ErrorCode::ALL {
        let _ = write!(
            page,
            "<h2 id=\"{0}\">{0}</h2><p>Status {1}. {2}</p>",
            code.as_str(),
            code.status().as_u16(),
            code.advice()
        );
    }
    let mut response = Response::new(Bytes::from(page));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}
