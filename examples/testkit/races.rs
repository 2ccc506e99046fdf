//! How do I test what happens while a reply is on its way?

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use mockbird_testkit::prelude::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// The code under test: shows the last search, whatever comes in which order.
#[derive(Default)]
struct Search {
    last: Mutex<String>,
    shown: Mutex<String>,
}

impl Search {
    fn find(&self, service: &str, words: &str) {
        words.clone_into(&mut self.last.lock().unwrap());
        let mut reply = ureq::get(format!("{service}/search?q={words}"))
            .call()
            .unwrap();
        let found = reply.body_mut().read_to_string().unwrap();
        // An answer to what nobody asks any more is not shown.
        if *self.last.lock().unwrap() == words {
            *self.shown.lock().unwrap() = found;
        }
    }
}

#[test]
fn a_late_answer_does_not_replace_a_newer_one() {
    let gate = Gate::new();
    let server = MockServer::start();
    server.mount(
        get("/search")
            .query("q", "wr")
            .reply(text("wryneck").behind(&gate)),
    );
    server.mount(get("/search").query("q", "wren").text("wren"));
    let (search, url) = (Search::default(), server.url(""));

    thread::scope(|scope| {
        scope.spawn(|| search.find(&url, "wr"));
        // No sleep: the first search has been sent for sure, and its answer has not come for sure.
        assert!(gate.wait_for(1, PATIENCE));
        search.find(&url, "wren");
        gate.open();
    });
    assert_eq!(*search.shown.lock().unwrap(), "wren");
}
