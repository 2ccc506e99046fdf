mod findings;
mod laws;
mod operators;
mod probes;
mod refusals;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::*;
use crate::fault::{Faults, Place};
use crate::json::{self, Node};
use crate::request::{Params, Request};
use crate::spec::{Operator, Source};

/// A condition from its JSON form, as a file has it.
fn spec_of(node: &Node) -> spec::Condition {
    let list = |node: &Node| node.elements().unwrap().iter().map(spec_of).collect();
    if let Some(all) = node.get("any") {
        return spec::Condition::Any(list(all));
    }
    if let Some(all) = node.get("all") {
        return spec::Condition::All(list(all));
    }
    if let Some(inner) = node.get("not") {
        return spec::Condition::Not(Box::new(spec_of(inner)));
    }
    let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let flag = |key| node.get(key).map(|flag: &Node| flag.to_string() == "true");
    spec::Condition::Test(spec::Test {
        source: match text("type") {
            "header" => Source::Header,
            "query" => Source::Query,
            "body" => Source::Body,
            "path" => Source::Path,
            "cookie" => Source::Cookie,
            "method" => Source::Method,
            other => panic!("type {other}"),
        },
        field: text("field").to_owned(),
        operator: match text("operator") {
            "equals" => Operator::Equals,
            "contains" => Operator::Contains,
            "startsWith" => Operator::StartsWith,
            "endsWith" => Operator::EndsWith,
            "regex" => Operator::Regex,
            "exists" => Operator::Exists,
            "greaterThan" => Operator::GreaterThan,
            "greaterOrEqual" => Operator::GreaterOrEqual,
            "lessThan" => Operator::LessThan,
            "lessOrEqual" => Operator::LessOrEqual,
            "schema" => Operator::Schema,
            other => panic!("operator {other}"),
        },
        value: node.get("value").cloned(),
        negate: flag("negate"),
        case_insensitive: flag("caseInsensitive"),
    })
}

fn spec_from(text: &str) -> spec::Condition {
    spec_of(&json::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}")))
}

fn try_compile(text: &str) -> (Option<Condition>, Faults) {
    let mut faults = Faults::default();
    let root = Place::ROOT;
    let compiled = Condition::compile(&spec_from(text), &root.key("c"), &mut faults);
    assert_eq!(compiled.is_none(), !faults.errors.is_empty(), "{text}");
    (compiled, faults)
}

fn compile(text: &str) -> Condition {
    let (compiled, faults) = try_compile(text);
    compiled.unwrap_or_else(|| panic!("{text}: {:?}", faults.errors))
}

/// A request: target, headers, body; path parameters `v` and `last`, or `password` if it is `CAME`.
struct Sent<'a> {
    target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl Sent<'_> {
    fn view<R>(&self, look: impl FnOnce(&View<'_>) -> R) -> R {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        let request = Request::new(&Method::POST, self.target, &headers, self.body.as_bytes());
        let last = request.raw_path().rsplit('/').next().unwrap_or_default();
        let secret = if last == "CAME" { "password" } else { "last" };
        let names = ["v".into(), secret.into()];
        look(&View {
            request: &request,
            method: &Method::POST,
            params: Params::new(&names, &[last, last]),
        })
    }

    fn passes(&self, condition: &Condition) -> bool {
        self.view(|view| condition.passes(view))
    }

    fn line(&self, condition: &str) -> String {
        let condition = compile(condition);
        self.view(|view| condition.explain(view).to_string())
    }
}

fn get(target: &str) -> Sent<'_> {
    Sent {
        target,
        headers: vec![],
        body: "",
    }
}

fn with<'a>(headers: &[(&'a str, &'a str)]) -> Sent<'a> {
    Sent {
        headers: headers.to_vec(),
        ..get("/")
    }
}

fn posted<'a>(content_type: &'a str, body: &'a str) -> Sent<'a> {
    Sent {
        headers: vec![("content-type", content_type)],
        body,
        ..get("/")
    }
}

fn json(body: &str) -> Sent<'_> {
    posted("application/json", body)
}
