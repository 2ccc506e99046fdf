//! Specs and requests that several benches share.

pub mod load;

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Engine, Mock, Outcome, Request, Response};

/// A fixed JSON body of 98 bytes: what the HTTP harness's peers answer with.
pub const BODY: &str = r#"{"id":42,"name":"Ada Lovelace","email":"ada@example.com","roles":["admin","editor"],"active":true}"#;

/// A spec of `count` mocks, mock `i` answering `/api/r{i}/users/{id}`: the layout of the HTTP harness.
pub fn many(count: usize) -> String {
    let mocks = (0..count)
        .map(|i| format!(r#"{{"path":"/api/r{i}/users/{{id}}","responses":[{{"body":{BODY}}}]}}"#));
    format!(
        r#"{{"name":"many","mocks":[{}]}}"#,
        mocks.collect::<Vec<_>>().join(",")
    )
}

/// Compiles a spec in JSON.
///
/// # Panics
/// If it has faults: benches have specs of their own.
pub fn engine(text: &str) -> Engine {
    Engine::read(text, Format::Json)
        .unwrap_or_else(|e| panic!("{e}"))
        .engine
}

/// Routes and selects, without headers or body: the mock that answers, and its response.
pub fn route<'e>(
    engine: &'e Engine,
    method: &Method,
    target: &str,
    headers: &HeaderMap,
) -> Option<(&'e Mock, &'e Response)> {
    let request = Request::new(method, target, headers, b"");
    match engine.respond(&request, &mockbird_core::Env::default()) {
        Outcome::Reply(reply) => Some((reply.mock, reply.response)),
        Outcome::Failed(_) | Outcome::Refused(_) | Outcome::Preflight | Outcome::NoMatch => None,
    }
}

/// The GitHub API's operations: `(method, template, a path that it answers)`; `None` without the list.
///
/// The list is no part of the project: `MOCKBIRD_SHARED` or `../shared` beside the project has it.
pub fn github() -> Option<Vec<(Method, String, String)>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let folder = std::env::var("MOCKBIRD_SHARED").unwrap_or_else(|_| beside.to_owned());
    let text = std::fs::read_to_string(format!("{folder}/data/routes/github.txt")).ok()?;
    let routes = text.lines().filter_map(|line| {
        let (method, template) = line.split_once(' ')?;
        Some((
            method.parse().ok()?,
            template.to_owned(),
            concrete(template),
        ))
    });
    Some(routes.collect())
}

/// A path that a template answers: each parameter becomes a short text.
fn concrete(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        path.push_str(before);
        path.push('x');
        path.push_str(&name[..name.len().min(6)]);
        path.push_str("42");
        rest = after;
    }
    path + rest
}
