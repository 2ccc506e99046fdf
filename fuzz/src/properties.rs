//! The properties.

use std::sync::LazyLock;

use mockbird_core::fault::Faults;
use mockbird_core::json;
use mockbird_core::router::Pattern;
use mockbird_core::spec::{self, Body, Format, MethodPattern, Mock, Response, ResponseType, Spec};
use mockbird_core::{Engine, Env, Request, inflate};

use crate::input::{Input, split};

/// The most a request body may inflate to.
const INFLATED_MAX: usize = 1 << 20;

/// A path template is refused, or its shape is a template of the same shape, and its own text leads to it
/// unless it has parameters.
pub fn path_pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(pattern) = Pattern::parse(&text) else {
        return;
    };
    assert_eq!(pattern.to_string(), text);
    let again = Pattern::parse(&text).unwrap_or_else(|e| panic!("{text:?} was read, now: {e}"));
    assert!(pattern.shape() == again.shape(), "{text:?}");
    let spec = Spec {
        name: "fuzz".to_owned(),
        mocks: vec![mock(&text, Response::default())],
        ..Spec::default()
    };
    let engine = Engine::compile(&spec)
        .unwrap_or_else(|e| panic!("{text:?}: {e}"))
        .engine;
    let plain = !text.contains(['{', '}', '*', ':', '%', '?', '#']);
    if plain {
        let answer = answer(&engine, &Input::read(format!("GET {text}").as_bytes()));
        let first_line = !text.contains('\n');
        assert!(
            answer.status() == 200 || !first_line,
            "{text:?} does not answer its own path"
        );
    }
}

/// Whatever comes, a rich engine answers it: a status, legal headers, and JSON where it says JSON.
pub fn request(data: &[u8]) {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let text = include_str!("rich.yaml");
        Engine::read(text, Format::Yaml)
            .unwrap_or_else(|e| panic!("{e}"))
            .engine
    });
    let response = answer(&ENGINE, &Input::read(data));
    let json = response
        .headers()
        .get("content-type")
        .is_some_and(|t| t.as_bytes().ends_with(b"json"));
    let plain = !response.headers().contains_key("content-encoding");
    if json && plain && !response.body().is_empty() {
        let parsed = serde_json::from_slice::<serde_json::Value>(response.body());
        assert!(
            parsed.is_ok(),
            "not JSON: {}",
            String::from_utf8_lossy(response.body())
        );
    }
}

/// A template, an empty line, a request: it is refused, or it answers within its bounds.
pub fn template(data: &[u8]) {
    let (text, rest) = split(data, b"\n---\n");
    let text = String::from_utf8_lossy(text).into_owned();
    let kinds = [ResponseType::Json, ResponseType::Html, ResponseType::Text];
    for kind in kinds {
        let response = Response {
            body: Body::Text(text.clone()),
            ..Response::default()
        };
        let mut mock = mock("/{*rest}", response);
        mock.response_type = Some(kind);
        let spec = Spec {
            name: "fuzz".to_owned(),
            seed: Some(1),
            mocks: vec![mock],
            ..Spec::default()
        };
        let Ok(compiled) = Engine::compile(&spec) else {
            return;
        };
        let response = answer(&compiled.engine, &Input::read(rest));
        assert!(response.body().len() <= (16 << 20) + 1024);
    }
}

/// A condition, a line of `---`, a request: yes or no is what the explanation says.
pub fn condition(data: &[u8]) {
    let (text, rest) = split(data, b"\n---\n");
    let Ok(node) = json::parse(text) else {
        return;
    };
    let body = r#"{"path": "/{*rest}", "method": "ANY", "responses": [{"conditions": [0]}]}"#;
    let Ok(mut mock) = json::parse(body.as_bytes()) else {
        unreachable!("a constant that is JSON");
    };
    put(&mut mock, node);
    let mut faults = Faults::default();
    let Some(mock) = spec::decode_mock(mock, &mut faults) else {
        assert!(faults.error_count() > 0, "refused without a word");
        return;
    };
    let spec = Spec {
        name: "fuzz".to_owned(),
        mocks: vec![mock],
        ..Spec::default()
    };
    let Ok(compiled) = Engine::compile(&spec) else {
        return;
    };
    let input = Input::read(rest);
    let request = Request::new(&input.method, &input.target, &input.headers, &input.body);
    let explained = compiled.engine.explain(&request, &Env::default());
    let answered = compiled
        .engine
        .answer(&request, &Env::default())
        .response
        .status()
        == 200;
    if let Some(mock) = explained.mocks.first() {
        let passed = mock
            .responses
            .iter()
            .any(|response| response.conditions.iter().all(|f| f.passed));
        let preflight = input.headers.contains_key("access-control-request-method");
        assert!(passed == answered || preflight, "{explained:?}");
    }
}

/// A text is no spec, or what is written back from it reads as the same spec; compiling never panics.
pub fn spec(data: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let Ok(mut document) = spec::read(data, format) else {
            continue;
        };
        let (spec, faults) = document.decode();
        for fault in faults.errors.iter().chain(&faults.warnings) {
            let place = document.locate(&fault.at);
            assert!(place.line >= 1 && place.column >= 1);
        }
        let Some(spec) = spec else {
            assert!(faults.error_count() > 0, "refused without a word");
            continue;
        };
        let text = spec.to_node().to_string();
        let mut again = spec::read(&text, Format::Json).unwrap_or_else(|e| panic!("{text}: {e}"));
        let (again, faults) = again.decode();
        let again = again.unwrap_or_else(|| panic!("{text}: {:?}", faults.errors));
        assert_eq!(again.to_node().to_string(), text);
        if let Ok(compiled) = Engine::compile(&spec) {
            answer(&compiled.engine, &Input::read(b"GET /a?b=c\nhost: x"));
        }
    }
}

fn mock(path: &str, response: Response) -> Mock {
    Mock {
        method: Some(MethodPattern::Any),
        path: path.to_owned(),
        responses: vec![response],
        ..Mock::default()
    }
}

fn answer(engine: &Engine, input: &Input) -> http::Response<Vec<u8>> {
    let body = match inflate(&input.headers, input.body.clone().into(), INFLATED_MAX) {
        Ok(body) => body,
        Err(error) => return error.response().map(|body| body.to_vec()),
    };
    let request = Request::new(&input.method, &input.target, &input.headers, &body);
    engine
        .answer(&request, &Env::default())
        .response
        .map(|body| body.to_vec())
}

/// Replaces the `0` in the list of conditions.
fn put(mock: &mut json::Node, condition: json::Node) {
    use json::Value::{Array, Object};
    let Object(members) = &mut mock.value else {
        return;
    };
    for member in members {
        if let Array(responses) = &mut member.value.value
            && let Some(Object(response)) = responses.first_mut().map(|r| &mut r.value)
            && let Some(Array(conditions)) = response.first_mut().map(|m| &mut m.value.value)
        {
            *conditions = vec![condition];
            return;
        }
    }
}
