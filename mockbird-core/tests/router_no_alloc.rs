//! A hit on an ordinary path takes nothing from the heap.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::Method;
use mockbird_core::router::{Discriminator, Entry, Pattern, Rank, Router};
use mockbird_core::spec::MethodPattern;

#[derive(Clone)]
struct Route {
    pattern: Pattern,
    method: MethodPattern,
    key: u64,
    /// The text the request must hold, if any.
    needs: Option<&'static str>,
}

impl Entry for Route {
    type Probe = ();

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn method(&self) -> &MethodPattern {
        &self.method
    }

    fn rank(&self) -> Rank {
        Rank {
            priority: i32::from(self.key == 1),
            order: self.key.cast_signed(),
            key: self.key,
        }
    }

    fn discriminator(&self) -> Option<Discriminator<'_, ()>> {
        let key = self.needs?;
        Some(Discriminator { probe: &(), key })
    }
}

fn route(key: u64, method: MethodPattern, path: &str) -> Route {
    Route {
        pattern: Pattern::parse(path).unwrap(),
        method,
        key,
        needs: (path == "/search").then_some("word"),
    }
}

#[test]
fn a_hit_does_not_allocate() {
    let get = || MethodPattern::Exact(Method::GET);
    let paths = [
        "/users/{id}",
        "/users/me",
        "/files/{name}.json",
        "/compare/{base}...{head}",
        "/n/{id:[0-9]+}",
        "/{a}z",
        "/x{b}",
        "/{p1}/{p2}/{p3}/{p4}/{p5}/{p6}/{p7}/{p8}",
        "/rest/{*rest}",
    ];
    let plain = paths
        .into_iter()
        .flat_map(|path| [(get(), path), (MethodPattern::Any, path)]);
    let crowd = (0..50).map(|_| (get(), "/search"));
    let routes = (0..).zip(plain.chain(crowd));
    let router = Router::new(routes.map(|(key, (method, path))| route(key, method, path)));
    let requests = [
        ("/users/42", 2),
        ("/users/me", 4),
        ("/files/report.json", 2),
        ("/files/report.json/", 2),
        ("/compare/main...dev", 2),
        ("/n/12", 2),
        ("/xyz", 4),
        ("/1/2/3/4/5/6/7/8", 2),
        ("/rest/a/b/c", 2),
        ("/search", 50),
        ("/nothing", 0),
    ];
    let visit = |path: &str| {
        let (mut count, mut captured) = (0, 0);
        let resolve = |(): &(), each: &mut dyn FnMut(&str)| each("word");
        router.find(&Method::HEAD, path, resolve, |found| {
            count += 1;
            captured += found.captures().as_slice().len();
            None::<()>
        });
        assert!(captured <= 8 * count);
        count
    };
    for (path, expected) in requests {
        // The first time, a regex makes its cache.
        assert_eq!(visit(path), expected, "{path}");
        let counted = allocation_counter::measure(|| {
            visit(path);
        });
        assert_eq!(counted.count_total, 0, "{path}");
    }
}
