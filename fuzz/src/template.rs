//! Any template, with any request: refused, or rendered within its bounds and safe for its type.

use http::HeaderValue;
use mockbird_core::json;
use mockbird_core::limits::TEMPLATE_OUTPUT_MAX;
use mockbird_core::spec::{Body, Header, MethodPattern, Mock, Response, ResponseType, Spec};
use mockbird_core::template::is_template;
use mockbird_core::{AnswerSource, Engine};

use crate::exchange::{Input, check_error_form, split};

/// The data is a template, a line of `---`, and a request.
pub fn template(data: &[u8]) {
    let (text, rest) = split(data, b"\n---\n");
    let text = String::from_utf8_lossy(text).into_owned();
    let Some(mut input) = Input::read(rest) else {
        return;
    };
    input.headers.remove("accept-encoding");
    let rendered = |kind| {
        let body = Body::Text(text.clone());
        rendered(&input, body, Some(kind))
    };
    let json = rendered(ResponseType::Json);
    let html = rendered(ResponseType::Html);
    let plain = rendered(ResponseType::Text);
    // Whether a template is refused does not depend on what it makes.
    let refused = [&json, &html, &plain].map(|result| matches!(result, Rendered::Refused));
    assert!(refused == [refused[0]; 3], "{refused:?}");
    if let Rendered::Text(out) = &json {
        check_json(&text, out);
    }
    if let Rendered::Text(out) = &html {
        check_html(&text, out);
    }
    if let Ok(node) = json::parse(text.as_bytes()) {
        check_structured(&input, node);
    }
    check_header(&input, &text);
}

/// What a template came to.
enum Rendered {
    Refused,
    Failed,
    Text(String),
}

fn rendered(input: &Input, body: Body, kind: Option<ResponseType>) -> Rendered {
    let response = Response {
        body,
        ..Response::default()
    };
    let Some(engine) = engine(response, kind) else {
        return Rendered::Refused;
    };
    let answer = input.answer(&engine);
    match answer.source {
        AnswerSource::Mock(..) => {
            assert!(answer.response.body().len() <= TEMPLATE_OUTPUT_MAX);
            let text = String::from_utf8(answer.response.into_body().into());
            Rendered::Text(text.unwrap_or_else(|error| panic!("{error}")))
        }
        AnswerSource::Failed(_, _, reason) => {
            assert!(!reason.is_empty());
            if !answer.response.body().is_empty() {
                check_error_form(&answer.response);
            }
            Rendered::Failed
        }
        AnswerSource::Refused(..)
        | AnswerSource::Preflight
        | AnswerSource::Documentation
        | AnswerSource::Nobody(_) => Rendered::Failed,
    }
}

fn engine(response: Response, kind: Option<ResponseType>) -> Option<Engine> {
    let mock = Mock {
        method: Some(MethodPattern::Any),
        path: "/{*rest}".to_owned(),
        response_type: kind,
        responses: vec![response],
        ..Mock::default()
    };
    let spec = Spec {
        name: "fuzz".to_owned(),
        seed: Some(1),
        mocks: vec![mock],
        ..Spec::default()
    };
    Engine::compile(&spec).ok().map(|compiled| compiled.engine)
}

/// True if the template itself asks for values to be printed as they are.
fn opts_out(text: &str) -> bool {
    // `map` takes the name of a filter as a value.
    ["safe", "autoescape", "map"]
        .iter()
        .any(|word| text.contains(word))
}

/// JSON around holes stays JSON, whatever is put into them.
fn check_json(text: &str, out: &str) {
    if out.is_empty() || opts_out(text) {
        return;
    }
    if skeleton(text).is_some_and(|skeleton| json::parse(skeleton.as_bytes()).is_ok()) {
        let parsed = json::parse(out.as_bytes());
        assert!(parsed.is_ok(), "{text} made {out}");
    }
    if !text.contains('"') {
        assert!(strings_are_whole(out), "{text} made {out}");
    }
}

/// The text with something harmless in its holes; `None` if it is more than JSON with plain holes.
fn skeleton(text: &str) -> Option<String> {
    let (mut out, mut rest, mut inside) = (String::new(), text, false);
    while let Some(at) = rest.find("{{") {
        let (literal, hole) = (&rest[..at], &rest[at + 2..]);
        if literal.contains("{%") || literal.contains("{#") {
            return None;
        }
        inside ^= literal.matches('"').count() % 2 == 1;
        out.push_str(literal);
        out.push_str(if inside { "x" } else { "\"\"" });
        let end = hole.find("}}")?;
        if !is_plain(&hole[..end]) {
            return None;
        }
        rest = &hole[end + 2..];
    }
    let plain = !rest.contains("{%") && !rest.contains("{#");
    out.push_str(rest);
    plain.then_some(out)
}

/// True if a hole ends where its first `}}` stands.
fn is_plain(hole: &str) -> bool {
    let even = |quote| hole.matches(quote).count() % 2 == 0;
    !hole.contains(['{', '}', '#', '%', '\\']) && even('"') && even('\'')
}

/// Every string in a text that may be less than JSON is closed and holds no control characters.
fn strings_are_whole(out: &str) -> bool {
    let mut rest = out;
    while let Some(at) = rest.find('"') {
        let string = &rest[at + 1..];
        let mut escaped = false;
        let end = string.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(end) = end else { return false };
        if json::parse(format!("\"{}\"", &string[..end]).as_bytes()).is_err() {
            return false;
        }
        rest = &string[end + 1..];
    }
    true
}

/// A template without a tag makes no tag.
fn check_html(text: &str, out: &str) {
    if !text.contains('<') && !opts_out(text) {
        assert!(!out.contains('<'), "{text} made {out}");
    }
}

/// A JSON value with templates in its strings makes JSON, always.
fn check_structured(input: &Input, node: json::Node) {
    if let Rendered::Text(out) = rendered(input, Body::Json(node), None)
        && !out.is_empty()
    {
        let parsed = json::parse(out.as_bytes());
        assert!(parsed.is_ok(), "made {out}");
    }
}

/// The value of a header stays one line.
fn check_header(input: &Input, text: &str) {
    if HeaderValue::from_str(text).is_err() || !is_template(text) {
        return;
    }
    let header = Header {
        name: "x-fuzz".to_owned(),
        values: vec![text.to_owned()],
    };
    let response = Response {
        headers: vec![header],
        ..Response::default()
    };
    let Some(engine) = engine(response, None) else {
        return;
    };
    let answer = input.answer(&engine);
    if let AnswerSource::Mock(..) = answer.source {
        let value = answer.response.headers().get("x-fuzz");
        let text = value.map(|value| String::from_utf8_lossy(value.as_bytes()));
        assert!(text.is_some_and(|text| !text.contains(char::is_control)));
    }
}
