//! From text to an engine of 10,000 mocks.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mockbird_benches::{BODY, many};
use mockbird_core::Engine;
use mockbird_core::spec::Format;

const COUNT: usize = 10_000;

fn yaml() -> String {
    let mocks = (0..COUNT).map(|i| {
        format!("  - path: /api/r{i}/users/{{id}}\n    responses:\n      - body: {BODY}\n")
    });
    let head = String::from("name: many\nmocks:\n");
    head + &mocks.collect::<Vec<_>>().concat()
}

fn start(text: &str, format: Format) -> Engine {
    Engine::read(text, format)
        .unwrap_or_else(|e| panic!("{e}"))
        .engine
}

fn startup(c: &mut Criterion) {
    let mut group = c.benchmark_group("10,000 mocks");
    group.sample_size(20);
    let (json, yaml) = (many(COUNT), yaml());
    group.bench_function(format!("from JSON, {} bytes", json.len()), |b| {
        b.iter(|| black_box(start(&json, Format::Json)));
    });
    group.bench_function(format!("from YAML, {} bytes", yaml.len()), |b| {
        b.iter(|| black_box(start(&yaml, Format::Yaml)));
    });
    group.finish();
}

criterion_group!(benches, startup);
criterion_main!(benches);
