//! How do I test that my client tries again, and that it gives up?

use mockbird_testkit::prelude::*;

/// The code under test: up to three attempts.
fn fetch(url: &str) -> Result<String, ureq::Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match ureq::get(url).call() {
            Ok(mut reply) => return reply.body_mut().read_to_string(),
            Err(ureq::Error::StatusCode(503)) if attempts < 3 => {}
            Err(error) => return Err(error),
        }
    }
}

#[test]
fn a_service_that_recovers_is_asked_again() {
    let server = MockServer::start();
    // One reply after the other; the last goes on.
    let report = server.mount(
        get("/report")
            .replies([status(503), status(503), text("ready")])
            .expect(3),
    );
    assert_eq!(fetch(&server.url("/report")).unwrap(), "ready");
    assert_eq!(report.calls(), 3);
}

#[test]
fn a_service_that_does_not_recover_is_given_up() {
    let server = MockServer::start();
    server.mount(get("/report").status(503).expect(3));
    assert!(fetch(&server.url("/report")).is_err());
}

#[test]
fn a_service_that_fails_at_random_fails_the_same_way_in_every_run() {
    let server = MockServer::builder().seed(7).start();
    server.mount(get("/report").replies([text("ready").weight(60), status(503).weight(40)]));
    let ready = (0..20)
        .filter(|_| fetch(&server.url("/report")).is_ok())
        .count();
    assert!((10..=20).contains(&ready), "{ready} of 20");
}
