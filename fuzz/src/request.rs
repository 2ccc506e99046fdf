//! Any request to a spec that uses everything.

use std::ptr;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use mockbird_core::spec::{Format, MethodPattern};
use mockbird_core::{Answer, AnswerSource, Engine, Env, inflate};

use crate::exchange::{Input, check_error_form, json_body};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let compiled = Engine::read(include_str!("rich.yaml"), Format::Yaml);
    compiled.unwrap_or_else(|error| panic!("{error}")).engine
});

/// Whatever comes, it is answered: lawfully, by whom the explanation says, with JSON where it says JSON,
/// the same when compressed, when asked by HEAD and when validated.
pub fn request(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let answer = input.answer(&ENGINE);
    let response = &answer.response;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    check_source(&input, &answer);
    check_compressed(&input, response);
    check_validated(&input, response);
    let from_get = matches!(answer.source, AnswerSource::Mock(mock, _) if *mock.method() == MethodPattern::Exact(Method::GET));
    if input.method == Method::HEAD && from_get {
        check_head(&input, response);
    }
    let plain = !response.headers().contains_key("content-encoding");
    let is_json = response
        .headers()
        .get("content-type")
        .is_some_and(|media| media.as_bytes().ends_with(b"json"));
    if is_json && plain && !response.body().is_empty() {
        json_body(response);
    }
}

/// The explanation names who answers.
fn check_source(input: &Input, answer: &Answer<'_>) {
    let explanation = ENGINE.explain(&input.request(), &Env::default());
    let last = explanation.mocks.last();
    let chosen =
        last.and_then(|report| Some((report.mock, report.responses[report.chosen?].response)));
    let earlier = explanation.mocks.iter().rev().skip(1);
    assert!(earlier.into_iter().all(|report| report.chosen.is_none()));
    match answer.source {
        AnswerSource::Mock(mock, response) | AnswerSource::Failed(mock, response, _) => {
            let same = chosen
                .is_some_and(|(other, chosen)| ptr::eq(mock, other) && ptr::eq(response, chosen));
            assert!(same, "{explanation:?}");
        }
        AnswerSource::Refused(..) => panic!("no mock has a rate limit"),
        AnswerSource::Preflight => assert!(explanation.preflight && chosen.is_none()),
        AnswerSource::Documentation => assert!(chosen.is_none()),
        AnswerSource::Nobody(ref nearest) => {
            assert!(!explanation.preflight && chosen.is_none());
            assert_eq!(*nearest, explanation.nearest);
        }
    }
    let failed = matches!(answer.source, AnswerSource::Failed(..));
    let nobody = matches!(answer.source, AnswerSource::Nobody(_));
    if (failed || nobody) && input.method != Method::HEAD {
        let error = check_error_form(&answer.response);
        let nearest = error["nearest"].as_array();
        assert_eq!(nearest.is_some(), nobody);
        assert!(nearest.is_none_or(|all| all.len() <= 3));
        if nobody {
            check_secrets(input, &answer.response);
        }
    }
}

/// A report never holds what came as a credential, unless it holds it anyway.
fn check_secrets(input: &Input, response: &Response<Bytes>) {
    let holds = |response: &Response<Bytes>, secret: &str| {
        String::from_utf8_lossy(response.body()).contains(secret)
    };
    for name in ["authorization", "cookie"] {
        let secret = input
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        let Some(secret) = secret.filter(|text| text.len() >= 8) else {
            continue;
        };
        if holds(response, secret) {
            let mut without = input.clone();
            without.headers.remove(name);
            let without = without.answer(&ENGINE).response;
            assert!(holds(&without, secret), "{secret:?} is shown");
        }
    }
}

/// Inflated, the answer is the one given to who takes no compression.
fn check_compressed(input: &Input, response: &Response<Bytes>) {
    if !response.headers().contains_key("content-encoding") || input.method == Method::HEAD {
        return;
    }
    let mut plain = input.clone();
    plain.headers.remove("accept-encoding");
    let plain = plain.answer(&ENGINE).response;
    assert!(response.body().len() < plain.body().len());
    let inflated = inflate(response.headers(), response.body().clone(), usize::MAX >> 1);
    assert!(inflated.is_ok_and(|body| body == *plain.body()));
}

/// Who sends the validator back gets no body again.
fn check_validated(input: &Input, response: &Response<Bytes>) {
    let Some(tag) = response.headers().get("etag") else {
        return;
    };
    let mut again = input.clone();
    again.headers.insert("if-none-match", tag.clone());
    let again = again.answer(&ENGINE).response;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers().get("etag"), Some(tag));
}

/// HEAD says how long the body of GET is.
fn check_head(input: &Input, response: &Response<Bytes>) {
    let get = Input {
        method: Method::GET,
        ..input.clone()
    };
    let get = get.answer(&ENGINE).response;
    assert_eq!(get.status(), response.status());
    if let Some(length) = response.headers().get("content-length") {
        assert_eq!(*length, HeaderValue::from(get.body().len()));
    }
}
