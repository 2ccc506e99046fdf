//! What waits to be told to the others: whoever has something to tell goes on at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::link::Link;
use super::message::{Content, Message, Node, SLUGS_MAX};
use super::{count, link};

/// How many slugs may wait; the others find those that do not fit when they look for changes.
const WAITING_MAX: usize = 4_096;

/// The way in.
#[derive(Clone, Debug)]
pub(super) struct Outbox(mpsc::Sender<String>);

/// What is told, and by whom.
#[derive(Debug)]
pub(super) struct Letters {
    from: Node,
    changed: mpsc::Receiver<String>,
}

impl Outbox {
    /// The outbox of a server.
    pub(super) fn new(from: Node) -> (Self, Letters) {
        let (sender, changed) = mpsc::channel(WAITING_MAX);
        (Self(sender), Letters { from, changed })
    }

    /// Tells that these were changed.
    pub(super) fn changed(&self, slugs: &[String]) {
        for slug in slugs {
            if self.0.try_send(slug.clone()).is_err() {
                count("dropped", 1);
            }
        }
    }
}

impl Letters {
    /// Tells what waits, many at once, for as long as it is polled.
    pub(super) async fn send_all(mut self, link: Arc<Link>, channel: String) {
        let mut waiting = Vec::new();
        while self.changed.recv_many(&mut waiting, SLUGS_MAX).await > 0 {
            let slugs: BTreeSet<String> = waiting.drain(..).collect();
            let message = Message {
                from: self.from,
                content: Content::Changed(slugs.into_iter().collect()),
            };
            let told = link.publish(&channel, &message.write()).await;
            count(
                if told == Err(link::Away) {
                    "dropped"
                } else {
                    "sent"
                },
                1,
            );
        }
    }
}
