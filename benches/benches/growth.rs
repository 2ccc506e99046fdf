//! What a request costs as mocks grow: one hit, hits everywhere, one path with many conditions, edits, misses.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, BenchmarkId, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method};
use mockbird_benches::{engine, many, route};
use mockbird_core::random::Random;
use mockbird_core::spec::{Body, Mock, Response};
use mockbird_core::{Edit, Env, MockKey, Request};

/// Times `answer` on random paths of `count` mocks.
///
/// The paths are written again and again into the same few buffers, which stay in the nearest cache, as one that a server has
/// just read: what is measured is the engine's memory, not that of 100,000 texts or of the allocator.
fn everywhere<R>(b: &mut Bencher<'_>, count: usize, mut answer: impl FnMut(&str) -> R) {
    let mut random = Random::new(1);
    let mut paths = vec![String::with_capacity(64); 256];
    b.iter_custom(|iterations| {
        let mut elapsed = Duration::ZERO;
        let mut left = usize::try_from(iterations).unwrap_or(usize::MAX);
        while left > 0 {
            let few = left.min(paths.len());
            for path in &mut paths[..few] {
                path.clear();
                // Writing to a string does not fail.
                let _ = write!(path, "/api/r{}/users/42", random.below(count as u64));
            }
            let start = Instant::now();
            for path in &paths[..few] {
                black_box(answer(black_box(path)));
            }
            elapsed += start.elapsed();
            left -= few;
        }
        elapsed
    });
}

fn hits(c: &mut Criterion) {
    let headers = HeaderMap::new();
    for count in [100usize, 1_000, 10_000, 100_000] {
        let engine = engine(&many(count));
        let path = format!("/api/r{}/users/42", count / 2);
        assert!(route(&engine, &Method::GET, &path, &headers).is_some());
        c.bench_with_input(BenchmarkId::new("one hit", count), &path, |b, path| {
            b.iter(|| black_box(route(&engine, &Method::GET, black_box(path), &headers)));
        });
        c.bench_function(&format!("hits everywhere/{count}"), |b| {
            everywhere(b, count, |path| {
                route(&engine, &Method::GET, path, &headers).is_some()
            });
        });
        c.bench_function(&format!("whole answers everywhere/{count}"), |b| {
            everywhere(b, count, |path| {
                let request = Request::new(&Method::GET, path, &headers, b"");
                engine.answer(&request, &Env::default())
            });
        });
    }
}

fn one_path(c: &mut Criterion) {
    for count in [1usize, 1_000] {
        let mocks: Vec<String> = (0..count)
            .map(|i| format!(r#"{{"path":"/a","responses":[{{"body":"x","conditions":[{{"type":"header","field":"X-Tenant","operator":"equals","value":"t{i}"}}]}}]}}"#))
            .collect();
        let engine = engine(&format!(
            r#"{{"name":"one path","mocks":[{}]}}"#,
            mocks.join(",")
        ));
        let mut headers = HeaderMap::new();
        let tenant =
            HeaderValue::from_str(&format!("t{}", count / 2)).unwrap_or_else(|e| panic!("{e}"));
        headers.insert("x-tenant", tenant);
        assert!(route(&engine, &Method::GET, "/a", &headers).is_some());
        c.bench_function(
            &format!("one path, {count} mocks told apart by equals"),
            |b| {
                b.iter(|| black_box(route(&engine, &Method::GET, black_box("/a"), &headers)));
            },
        );
    }
}

fn edits(c: &mut Criterion) {
    for count in [10_000, 100_000] {
        let engine = engine(&many(count));
        let edit = Edit::Put {
            key: MockKey(5_000),
            order: 5_000,
            mock: Mock {
                path: "/api/r5000/users/{id}".to_owned(),
                responses: vec![Response {
                    body: Body::Text("new".to_owned()),
                    ..Response::default()
                }],
                ..Mock::default()
            },
        };
        c.bench_function(&format!("one edit among {count}"), |b| {
            b.iter(|| black_box(engine.with(std::slice::from_ref(&edit))));
        });
    }
}

fn misses(c: &mut Criterion) {
    let engine = engine(&many(100_000));
    let headers = HeaderMap::new();
    let env = Env::default();
    let answer = |path: &str| {
        engine
            .answer(&Request::new(&Method::GET, path, &headers, b""), &env)
            .response
    };
    for (name, path) in [
        ("hit, whole answer", "/api/r50000/users/42"),
        ("404, last segments wrong", "/api/r50000/user/42"),
        ("404, second segment wrong", "/api/nothing/users/42"),
        ("404, nothing in common", "/nothing/at/all"),
    ] {
        c.bench_function(&format!("100,000 mocks: {name}"), |b| {
            b.iter(|| black_box(answer(black_box(path))));
        });
    }
}

criterion_group!(benches, hits, one_path, edits, misses);
criterion_main!(benches);
