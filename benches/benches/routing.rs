//! Routing and selection on the GitHub API's 1,223 operations, beside matchit's bare lookup.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::HeaderMap;
use mockbird_benches::{engine, github, route};

fn routing(c: &mut Criterion) {
    let Some(routes) = github() else {
        println!("skipped: the GitHub list is not there (set MOCKBIRD_SHARED)");
        return;
    };
    let mocks: Vec<String> = routes
        .iter()
        .map(|(method, template, _)| {
            format!(r#"{{"method":"{method}","path":"{template}","responses":[{{"body":"x"}}]}}"#)
        })
        .collect();
    let engine = engine(&format!(
        r#"{{"name":"github","mocks":[{}]}}"#,
        mocks.join(",")
    ));
    let mut matchit = matchit::Router::new();
    let mut refused = Vec::new();
    let mut templates: Vec<&String> = routes.iter().map(|(_, template, _)| template).collect();
    templates.dedup();
    for template in templates {
        if matchit.insert(template.clone(), 0).is_err() {
            refused.push(template);
        }
    }
    println!("{} operations; matchit refused {refused:?}", routes.len());
    // Both look up the same requests: those of the paths that matchit takes.
    let requests: Vec<_> = routes
        .iter()
        .filter(|(_, _, path)| matchit.at(path).is_ok())
        .map(|(method, _, path)| (method, path.as_str()))
        .collect();
    let headers = HeaderMap::new();
    for (method, path) in &requests {
        assert!(
            route(&engine, method, path, &headers).is_some(),
            "{method} {path}"
        );
    }

    let mut group = c.benchmark_group("github");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("matchit: lookup", |b| {
        b.iter(|| {
            for (_, path) in &requests {
                let _ = black_box(matchit.at(black_box(path)));
            }
        });
    });
    group.bench_function("mockbird: route and select", |b| {
        b.iter(|| {
            for (method, path) in &requests {
                black_box(route(&engine, method, black_box(path), &headers));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, routing);
criterion_main!(benches);
