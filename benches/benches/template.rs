//! Rendering, beside bare minijinja with the same template and the same data.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Method};
use minijinja::{Environment, Value};
use mockbird_benches::engine;
use mockbird_core::request::ParsedBody;
use mockbird_core::{Engine, Env, Outcome, Request};

/// About 200 bytes, three values, a loop of ten.
const LOOP: &str = r#"{"id":{{ request.body.id }},"name":"{{ request.body.name }}","city":"{{ request.body.city }}","items":[{% for it in request.body.items %}{"sku":"{{ it.sku }}","qty":{{ it.qty }}}{% if not loop.last %},{% endif %}{% endfor %}]}"#;
/// The common kind: values put into text.
const INSERTS: &str = r#"{"id":{{ request.body.id }},"name":"{{ request.body.name }}","address":{"city":"{{ request.body.city }}","zip":"00000"},"status":"active"}"#;

fn body() -> serde_json::Value {
    let items: Vec<_> = (0..10)
        .map(|i| serde_json::json!({"sku": format!("SKU-{i:04}"), "qty": i}))
        .collect();
    serde_json::json!({"id": 42, "name": "Ada Lovelace", "city": "London", "items": items})
}

fn mock(template: &str) -> Engine {
    let template = serde_json::Value::from(template);
    engine(&format!(
        r#"{{"name":"t","mocks":[{{"method":"POST","path":"/t","responseType":"json","responses":[{{"body":{template}}}]}}]}}"#
    ))
}

fn render(engine: &Engine, request: &Request<'_>, env: &Env<'_>) -> bool {
    matches!(black_box(engine.respond(request, env)), Outcome::Reply(_))
}

fn templates(c: &mut Criterion) {
    let text = body().to_string();
    let headers = HeaderMap::new();
    let env = Env::default();
    for (name, template) in [("loop of ten", LOOP), ("inserts", INSERTS)] {
        let mut jinja = Environment::new();
        jinja
            .add_template("t", template)
            .unwrap_or_else(|e| panic!("{e}"));
        let jinja = jinja.get_template("t").unwrap_or_else(|e| panic!("{e}"));
        let data = Value::from(minijinja::value::Serde(
            serde_json::json!({"request": {"body": body()}}),
        ));
        let engine = mock(template);
        let request = Request::new(&Method::POST, "/t", &headers, text.as_bytes());
        assert!(matches!(request.body(), ParsedBody::Json(_)) && render(&engine, &request, &env));
        let ours = engine.answer(&request, &env).response;
        let theirs = jinja.render(data.clone()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(ours.body(), theirs.as_bytes());

        let mut group = c.benchmark_group(format!("{name}, {} bytes", template.len()));
        group.bench_function("minijinja: render a ready value", |b| {
            b.iter(|| black_box(jinja.render(black_box(data.clone()))));
        });
        group.bench_function("mockbird: route, select and render a parsed body", |b| {
            b.iter(|| render(&engine, black_box(&request), &env));
        });
        group.bench_function("mockbird: route and select alone", |b| {
            b.iter(|| {
                engine.candidates(black_box(&request), &env, |turn| {
                    Some(turn.verdict()?.status())
                })
            });
        });
        group.finish();
    }
}

criterion_group!(benches, templates);
criterion_main!(benches);
