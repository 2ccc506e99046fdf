//! How do I test code that calls a service?

use mockbird_testkit::prelude::*;

/// The code under test.
fn song_of(service: &str, bird: &str) -> String {
    match ureq::get(format!("{service}/birds/{bird}")).call() {
        Ok(mut reply) => reply.body_mut().read_to_string().unwrap(),
        Err(_) => "silence".to_owned(),
    }
}

#[test]
fn a_bird_has_a_song_and_a_dodo_has_none() {
    let server = MockServer::start();
    server.mount(get("/birds/{name}").text("{{ request.params.name }} sings"));
    server.mount(get("/birds/dodo").status(404));

    assert_eq!(song_of(&server.url(""), "wren"), "wren sings");
    assert_eq!(song_of(&server.url(""), "dodo"), "silence");
    // Here the server ends: a request that no mock answered would fail the test, and say what came.
}
