//! Mocks are put into the index by who asks first: nobody can tell.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;

use std::thread;

use client::get as ask;
use mockbird_testkit::{MockHandle, MockServer, any, get};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// A mock of one of these paths, at one of these priorities.
    Mount(usize, i32),
    /// Takes the mock away that was mounted as this one.
    Remove(usize),
    Ask,
}

const PATHS: [&str; 6] = ["/a", "/a/b", "/a/{x}", "/{x}/b", "/a/{x:[b-z]}", "/{*rest}"];
const ASKED: [&str; 4] = ["/a", "/a/b", "/a/a", "/c/b"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PATHS.len(), 0..2).prop_map(|(path, priority)| Step::Mount(path, priority)),
        2 => (0..12_usize).prop_map(Step::Remove),
        1 => Just(Step::Ask),
    ]
}

/// Makes the steps, and asks where they say so or after each.
fn replies(steps: &[Step], asks_always: bool) -> Vec<(u16, String)> {
    let server = MockServer::start().lenient();
    let ask_all = || ASKED.map(|path| ask(server.address(), path));
    let mut mocks: Vec<MockHandle> = Vec::new();
    for step in steps {
        match step {
            Step::Mount(path, priority) => {
                let name = mocks.len().to_string();
                let mock = any(PATHS[*path]).priority(*priority).text(&name);
                mocks.push(server.mount(mock));
            }
            Step::Remove(at) => {
                mocks.get(*at).inspect(|mock| mock.remove());
            }
            Step::Ask => {
                ask_all();
            }
        }
        if asks_always {
            ask_all();
        }
    }
    ask_all().into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn it_is_the_same_whenever_somebody_asks(steps in proptest::collection::vec(step(), 1..14)) {
        let without_asking: Vec<_> = steps.iter().filter(|step| !matches!(step, Step::Ask)).cloned().collect();
        let expected = replies(&steps, true);
        prop_assert_eq!(&replies(&steps, false), &expected);
        prop_assert_eq!(&replies(&without_asking, false), &expected);
    }
}

/// Who mounts and then asks gets an answer of that mock, whatever others do at the same time.
#[test]
fn a_mock_answers_as_soon_as_its_mount_returns() {
    let server = MockServer::start();
    let forever = server.mount(get("/forever").text("here"));
    thread::scope(|scope| {
        for thread in 0..4 {
            let server = &server;
            scope.spawn(move || {
                for round in 0..40 {
                    let path = format!("/{thread}/{round}");
                    let mock = server.mount(get(path.as_str()).text("old"));
                    assert_eq!(ask(server.address(), &path), (200, "old".to_owned()));
                    let newer = server.mount(get(path.as_str()).text("new"));
                    assert_eq!(ask(server.address(), &path), (200, "new".to_owned()));
                    newer.remove();
                    assert_eq!(ask(server.address(), &path), (200, "old".to_owned()));
                    assert_eq!((mock.calls(), newer.calls()), (2, 1));
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert_eq!(ask(server.address(), "/forever").0, 200);
                }
            });
        }
    });
    assert_eq!(forever.calls(), 200);
}

/// A seeded draw goes on as if nothing had been mounted between.
#[test]
fn mounting_keeps_the_counts_of_draws() {
    let drawn = |mounts_between: bool| {
        let server = MockServer::builder().seed(7).start();
        let sides = ["heads", "tails"].map(|side| mockbird_testkit::text(side).weight(1));
        server.mount(get("/coin").replies(sides));
        let toss = |number: usize| {
            if mounts_between {
                server.mount(get(format!("/{number}").as_str()));
            }
            ask(server.address(), "/coin").1
        };
        (0..20).map(toss).collect::<Vec<_>>()
    };
    assert_eq!(drawn(true), drawn(false));
}

/// What reports and exports say is of all that is mounted, though nobody asked for any of it.
#[test]
fn what_is_told_knows_mocks_that_nobody_asked_for() {
    let server = MockServer::start().lenient();
    let wren = server.mount(get("/birds/wren").text("trill"));
    server.mount(get("/birds/owl").text("hoot"));
    wren.remove();
    let spec = server.export().unwrap();
    assert!(
        spec.contains("/birds/owl") && !spec.contains("/birds/wren"),
        "{spec}"
    );
    let (status, miss) = ask(server.address(), "/birds/owls");
    assert!(status == 404 && miss.contains("/birds/owl"), "{miss}");
}

/// Mocks whose faults are told at the mount and mocks that wait for the first request keep their order.
#[test]
fn the_last_mock_goes_first_however_it_was_mounted() {
    let server = MockServer::start().lenient();
    let at_once = || get("/birds").reply_header("x-kind", "checked");
    let waits = || get("/birds").status(202);
    for newest_waits in [true, false, true] {
        let mocks = if newest_waits {
            [at_once(), waits()]
        } else {
            [waits(), at_once()]
        };
        let [_, newest] = mocks.map(|mock| server.mount(mock));
        assert_eq!(
            ask(server.address(), "/birds").0,
            if newest_waits { 202 } else { 200 }
        );
        assert_eq!(newest.calls(), 1);
    }
}

#[test]
fn a_scoped_mock_goes_with_its_guard() {
    let server = MockServer::start();
    server.mount(get("/wren").text("trill"));
    let outage = server.mount(get("/wren").status(503)).scoped();
    assert_eq!(ask(server.address(), "/wren").0, 503);
    assert_eq!(outage.calls(), 1);
    drop(outage);
    assert_eq!(ask(server.address(), "/wren").0, 200);
}

#[test]
fn a_reset_server_knows_nothing_and_goes_on() {
    let server = MockServer::start();
    let wren = server.mount(get("/wren").expect(2));
    let owl = server.mount(get("/owl").reply_header("x-kind", "checked"));
    server.expect_order([&owl, &wren]);
    assert_eq!(ask(server.address(), "/wren").0, 200);
    assert_eq!(ask(server.address(), "/nobody").0, 404);
    server.reset();
    server.verify();
    assert_eq!((wren.calls(), server.received_requests().len()), (1, 0));
    for path in ["/wren", "/owl"] {
        assert_eq!(ask(server.address(), path).0, 404);
    }
    server.clear_received_requests();
    let new = server.mount(get("/wren").text("new").expect(1));
    assert_eq!(ask(server.address(), "/wren"), (200, "new".to_owned()));
    assert_eq!(new.calls(), 1);
}
