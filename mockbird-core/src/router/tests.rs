use std::sync::Arc;

use http::Method;

use super::{Captures, Discriminator, Edit, Entry, Pattern, Rank, Router};
use crate::spec::MethodPattern;

/// `(template, names, shape)`
const ACCEPTED: &[(&str, &[&str], &str)] = &[
    ("/", &[], "/"),
    ("//", &[], "//"),
    ("/users/list/", &[], "/users/list/"),
    ("/users/{id}", &["id"], "/users/{}"),
    ("/users/:id/x", &["id"], "/users/{}/x"),
    ("/:a-b.c_d", &["a-b.c_d"], "/{}"),
    (
        "/v{major}/{x}...{y}.z",
        &["major", "x", "y"],
        "/v{}/{}...{}.z",
    ),
    ("/items/{name}:undelete", &["name"], "/items/{}:undelete"),
    ("/{id:[0-9]+}", &["id"], "/{:[0-9]+}"),
    ("/{code:[A-Z]{3}}x", &["code"], "/{:[A-Z]{3}}x"),
    ("/{a:[^/}?#]+}/{b:\\}}", &["a", "b"], "/{:[^/}?#]+}/{:\\}}"),
    ("/{a:[]}]}", &["a"], "/{:[]}]}"),
    ("/*/a*/**", &[], "/*/a*/**"),
    ("/{*rest}", &["rest"], "/{*}"),
    ("/a:b", &[], "/a:b"),
    ("/%7Bid%7D/%2A/%3Aid", &[], "/%7Bid%7D/%2A/:id"),
    ("/my%20file/caf%c3%A9", &[], "/my file/café"),
    ("/a%2Fb/100%/%zz", &[], "/a%2Fb/100%25/%25zz"),
    ("/{name}%2Etxt", &["name"], "/{}.txt"),
];

#[test]
fn templates_are_read() {
    for &(text, names, shape) in ACCEPTED {
        let pattern = Pattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<&str> = pattern.names().iter().map(|name| &**name).collect();
        assert_eq!(found, names, "{text}");
        assert_eq!(pattern.shape().to_string(), shape, "{text}");
        assert_eq!(pattern.to_string(), text);
    }
}

/// `(template, offset, part of the message or hint)`
const REFUSED: &[(&str, usize, &str)] = &[
    ("", 0, "use `/`"),
    ("users/{id}", 0, "use `/users/{id}`"),
    ("users?a=1", 0, "use `/users`"),
    (
        "https://api.example.com/users/{id}?x=1",
        0,
        "use `/users/{id}`",
    ),
    ("http://localhost:80", 0, "use `/`"),
    (
        "/users?id=1",
        6,
        "use `/users` and a query condition on `id`",
    ),
    (
        "/users?id=1&b&c=2",
        6,
        "query conditions on `id`, `b` and `c`",
    ),
    ("/users?", 6, "use `/users`"),
    ("/users/:id?x", 10, "use `/users/:id`"),
    ("/{id}#part", 5, "use `/{id}`"),
    ("/a/{}", 3, "has no name"),
    ("/a/:", 3, "`%3A`"),
    ("/a/{id", 3, "never closed"),
    ("/a/{id/b}", 3, "never closed"),
    ("/a/{i{d}}", 3, "never closed"),
    ("/a/{id:[0-9}", 3, "never closed"),
    ("/a}", 2, "`%7D`"),
    ("/{id}}", 5, "closes nothing"),
    ("/{id}/{id}", 7, "`id` stands twice"),
    ("/:id/{id}", 6, "`id` stands twice"),
    ("/{a}{b}", 4, "side by side"),
    ("/{1a}", 2, "`1a` is not a name"),
    ("/{a b}", 2, "is not a name"),
    ("/:from-:to", 2, "is not a name"),
    ("/{*rest}/info", 1, "last segment"),
    ("/x{*rest}", 2, "last segment"),
    ("/{*rest:a}", 1, "takes no regex"),
    ("/{id:}", 5, "empty"),
    ("/{id:[z-a]}", 1, "cannot be used"),
    ("/{id:a)|(b}", 1, "cannot be used"),
    ("/x{id:(?=a)}", 1, "cannot be used"),
    ("/{id:\\w{900}{900}}", 1, "too large"),
    ("/%FF", 1, "UTF-8"),
];

#[test]
fn bad_templates_are_refused_with_a_remedy() {
    for &(text, offset, part) in REFUSED {
        let error = Pattern::parse(text).expect_err(text);
        let said = format!("{} ({})", error.message, error.hint);
        assert!(said.contains(part), "{text}: {said}");
        assert_eq!(error.offset, offset, "{text}: {said}");
    }
}

#[test]
fn templates_are_bounded() {
    let params =
        |count: usize| (0..count).fold(String::new(), |path, n| path + &format!("/{{p{n}}}"));
    assert!(Pattern::parse(&params(64)).is_ok());
    assert!(
        Pattern::parse(&params(65))
            .unwrap_err()
            .message
            .contains("64")
    );
    assert!(Pattern::parse(&"/a".repeat(256)).is_ok());
    assert!(
        Pattern::parse(&"/a".repeat(257))
            .unwrap_err()
            .message
            .contains("256")
    );
    assert!(
        Pattern::parse(&format!("/{}", "a".repeat(9000)))
            .unwrap_err()
            .message
            .contains("8192")
    );
}

/// `(template, path, captures if it matches)`
const MATCHING: &[(&str, &str, Option<&[&str]>)] = &[
    ("/", "/", Some(&[])),
    ("/", "//", None),
    ("//", "/", None),
    ("/", "*", None),
    ("/", "", None),
    ("/a", "/a/", Some(&[])),
    ("/a", "/a//", None),
    ("/b/", "/b", Some(&[])),
    ("/users/{id}", "/users/a%20b", Some(&["a%20b"])),
    ("/users/{id}", "/users/42/", Some(&["42"])),
    ("/users/{id}", "/users/", None),
    ("/{name}.json", "/a.json.json", Some(&["a.json"])),
    ("/{name}.json", "/a%20b%2Ejson", Some(&["a%20b"])),
    ("/{name}.json", "/%FF.json", Some(&["%FF"])),
    ("/{name}.json", "/.json", None),
    ("/{a}-{b}", "/--2", Some(&["-", "2"])),
    (
        "/{a}...{b}",
        "/é%C3%A9...x%2Fy...z",
        Some(&["é%C3%A9", "x%2Fy...z"]),
    ),
    ("/{a:[a-z]+}{x}", "/", None),
    ("/{a:[a-z.]+}.{b}", "/x.y.z", Some(&["x", "y.z"])),
    ("/{x:cat|dog}", "/hotdog", None),
    ("/{x:(?x) [a-z]+ # letters}", "/abc", Some(&["abc"])),
    ("/{x:.+}", "/%FF", Some(&["%FF"])),
    ("/s/\u{FFFD}", "/s/%EF%BF%BD", Some(&[])),
    ("/s/\u{FFFD}", "/s/%FF", None),
    ("/s{x}\u{FFFD}", "/sa%FF", None),
    ("/f/{*rest}", "/f/a//b/", Some(&["a//b/"])),
    ("/f/{*rest}", "/f//a", None),
    ("/f/{*rest}", "/f", None),
    ("/café", "/caf%c3%a9", Some(&[])),
    ("/%zz", "/%zz", Some(&[])),
];

/// An entry that needs a text of the request, if any.
#[derive(Clone, Debug)]
struct Route {
    pattern: Pattern,
    key: u64,
    needs: Option<String>,
}

impl Entry for Arc<Route> {
    type Probe = ();

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn method(&self) -> &MethodPattern {
        &MethodPattern::Any
    }

    fn rank(&self) -> Rank {
        let (key, order) = (self.key, self.key.cast_signed());
        Rank {
            priority: 0,
            order,
            key,
        }
    }

    fn discriminator(&self) -> Option<Discriminator<'_, ()>> {
        let key = self.needs.as_ref()?;
        Some(Discriminator { probe: &(), key })
    }
}

fn routed(pattern: Pattern, key: u64, needs: Option<String>) -> Arc<Route> {
    Arc::new(Route {
        pattern,
        key,
        needs,
    })
}

fn route(template: &str, key: u64) -> Arc<Route> {
    routed(Pattern::parse(template).unwrap(), key, None)
}

#[test]
fn paths_are_matched() {
    for &(template, path, captures) in MATCHING {
        // `{a:[a-z]+}{x}` cannot be written; what cannot be written matches nothing.
        let Ok(pattern) = Pattern::parse(template) else {
            assert_eq!(captures, None);
            continue;
        };
        let router = Router::new([routed(pattern, 0, None)]);
        let found = router.find(
            &Method::GET,
            path,
            |(), _| {},
            |found| Some(found.captures()),
        );
        assert_eq!(
            found.as_ref().map(Captures::as_slice),
            captures,
            "{template} {path}"
        );
    }
}

#[test]
fn hostile_paths_are_cheap_and_harmless() {
    let templates = [
        "/{a}/{b}",
        "/{*rest}",
        "/{x}-{y}-{z}",
        "/{x:[a-z]+}/*",
        "/a/b",
    ];
    let router = Router::new((0..).zip(templates).map(|(key, text)| route(text, key)));
    let many = "/a".repeat(8000);
    let long = format!("/{}", "%41-".repeat(16_000));
    for path in [
        &many,
        &long,
        &"/".repeat(65_536),
        &format!("{many}/"),
        &"/%".repeat(300),
    ] {
        let mut count = 0;
        router.find(
            &Method::GET,
            path,
            |(), _| {},
            |found| {
                count += 1;
                assert!(found.captures().as_slice().len() <= 3);
                None::<()>
            },
        );
        assert!(count <= templates.len());
        assert!(router.near(&Method::GET, path, 3).len() <= 3);
    }
}

#[test]
fn wide_and_crowded_routers_take_edits() {
    const COUNT: u64 = 20_000;
    let wide = |key| route(&format!("/api/route-number-{key}/{{id}}"), key);
    let crowded = |key| {
        let needs = Some(format!("k{}", key % 100));
        routed(Pattern::parse("/one").unwrap(), key, needs)
    };
    let mixed = |key| route(&format!("/v1/{{name}}:verb{key}"), key);
    let all = (0..COUNT).map(|key| match key % 3 {
        0 => wide(key),
        1 => crowded(key),
        _ => mixed(key),
    });
    let full = Router::new(all);
    assert_eq!(full.len() as u64, COUNT);
    let keys = |router: &Router<Arc<Route>>, path: &str| {
        let mut keys = Vec::new();
        let resolve =
            |(): &(), each: &mut dyn FnMut(&str)| ["k7", "k7", "k1"].into_iter().for_each(each);
        router.find(&Method::GET, path, resolve, |found| {
            keys.push(found.entry.key);
            None::<()>
        });
        keys
    };
    assert_eq!(keys(&full, "/api/route-number-3000/x"), [3000]);
    assert_eq!(keys(&full, "/v1/x:verb3002"), [3002]);
    let expected = |key: &u64| key % 3 == 1 && matches!(key % 100, 1 | 7);
    assert_eq!(
        keys(&full, "/one"),
        (0..COUNT).filter(expected).collect::<Vec<_>>()
    );
    let few = full.with((100..COUNT).map(Edit::Remove));
    assert_eq!(few.len(), 100);
    assert_eq!(keys(&few, "/one"), [1, 7]);
    assert_eq!(keys(&few, "/api/route-number-3000/x"), [] as [u64; 0]);
    assert_eq!(keys(&few, "/v1/x:verb5"), [5]);
    assert_eq!(keys(&full, "/api/route-number-3000/x"), [3000]);
    assert!(few.memory_bytes() * 20 < full.memory_bytes());
    assert!(full.memory_bytes() < 600 * full.len());
}

#[test]
fn near_misses_of_a_wide_router_are_those_defined_first() {
    let routes = (0..5000)
        .rev()
        .map(|key| route(&format!("/api/r{key}/users/{{id}}"), key));
    let router = Router::new(routes);
    let near = |path: &str| {
        let near = router.near(&Method::GET, path, 3);
        near.iter().map(|near| near.entry.key).collect::<Vec<_>>()
    };
    assert_eq!(near("/api/r77/userz/42"), [77, 0, 1]);
    assert_eq!(near("/api/zzz/users/42"), [0, 1, 2]);
    assert_eq!(near("/nothing/here"), [] as [u64; 0]);
}
