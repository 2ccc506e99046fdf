//! What waits to be told to the others: whoever has something to tell goes on at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::count;
use super::link::{Away, Link};
use super::message::{BYTES_MAX, Content, Group, ITEMS_MAX, Message, Node};
use crate::domain::{LogRecord, ProjectId};

/// How many slugs may wait; the others find those that do not fit when they look for changes.
const SLUGS_WAITING: usize = 4_096;

/// How many requests may wait, and how many bytes of them; those who follow find the others in the store.
const RECORDS_WAITING: usize = 2_048;
const BYTES_WAITING: usize = 4 << 20;

/// The way in.
#[derive(Debug)]
pub(super) struct Outbox {
    changed: mpsc::Sender<String>,
    answered: mpsc::Sender<(Node, Arc<LogRecord>)>,
    load: Arc<Load>,
}

/// What waits of requests, and how many were lost.
#[derive(Debug, Default)]
struct Load {
    bytes: AtomicUsize,
    lost: AtomicU64,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Letters {
    changed: mpsc::Receiver<String>,
    answered: mpsc::Receiver<(Node, Arc<LogRecord>)>,
}

/// Who tells.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    me: Node,
    group: Group,
    link: Arc<Link>,
    load: Arc<Load>,
}

impl Outbox {
    /// The outbox of a server.
    pub(super) fn new(me: Node, group: Group, link: Arc<Link>) -> (Self, Letters, Teller) {
        let (to_change, changed) = mpsc::channel(SLUGS_WAITING);
        let (to_answer, answered) = mpsc::channel(RECORDS_WAITING);
        let load = Arc::<Load>::default();
        let outbox = Self {
            changed: to_change,
            answered: to_answer,
            load: Arc::clone(&load),
        };
        let teller = Teller {
            me,
            group,
            link,
            load,
        };
        (outbox, Letters { changed, answered }, teller)
    }

    /// Tells that these were changed.
    pub(super) fn changed(&self, slugs: &[String]) {
        for slug in slugs {
            if self.changed.try_send(slug.clone()).is_err() {
                count("dropped", 1);
            }
        }
    }

    /// Tells one server of a request.
    pub(super) fn answered(&self, to: Node, record: &Arc<LogRecord>) {
        let bytes = record.weight();
        let waiting = self.load.bytes.fetch_add(bytes, Ordering::Relaxed);
        let letter = (to, Arc::clone(record));
        if waiting > BYTES_WAITING || self.answered.try_send(letter).is_err() {
            self.load.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.load.lose(1);
        }
    }
}

impl Load {
    fn lose(&self, records: u64) {
        self.lost.fetch_add(records, Ordering::Relaxed);
        count("dropped", records);
    }
}

impl Letters {
    /// Tells what waits, many at once, for as long as it is polled; neither kind holds up the other.
    pub(super) async fn send_all(self, teller: Teller) {
        let Self { changed, answered } = self;
        tokio::join!(teller.tell_changes(changed), teller.tell_requests(answered));
    }
}

impl Teller {
    async fn tell_changes(&self, mut changed: mpsc::Receiver<String>) {
        let mut waiting = Vec::new();
        while changed.recv_many(&mut waiting, ITEMS_MAX).await > 0 {
            let slugs: BTreeSet<String> = waiting.drain(..).collect();
            let content = Content::Changed(slugs.into_iter().collect());
            // They find it when they look for changes.
            let _ = self.tell(None, content).await;
        }
    }

    async fn tell_requests(&self, mut answered: mpsc::Receiver<(Node, Arc<LogRecord>)>) {
        let mut waiting = Vec::new();
        while answered.recv_many(&mut waiting, ITEMS_MAX).await > 0 {
            let mut by_node: HashMap<Node, Vec<Arc<LogRecord>>> = HashMap::new();
            for (node, record) in waiting.drain(..) {
                let bytes = record.weight();
                self.load.bytes.fetch_sub(bytes, Ordering::Relaxed);
                by_node.entry(node).or_default().push(record);
            }
            for (node, records) in by_node {
                self.tell_answered(node, records).await;
            }
        }
    }

    /// Halves what is too long for one message; a request that is so by itself is found in the store.
    async fn tell_answered(&self, node: Node, records: Vec<Arc<LogRecord>>) {
        let mut parts = vec![records];
        while let Some(mut part) = parts.pop() {
            let bytes: usize = part.iter().map(|record| record.weight()).sum();
            let count = part.len();
            if 2 * bytes > BYTES_MAX && count > 1 {
                let rest = part.split_off(count / 2);
                parts.extend([rest, part]);
            } else if self
                .tell(Some(node), Content::Answered(part))
                .await
                .is_err()
            {
                self.load.lose(count as u64);
            }
        }
    }

    /// Tells that somebody here follows these.
    pub(super) async fn follows(&self, projects: &[ProjectId]) {
        let mut parts = projects.chunks(ITEMS_MAX);
        // They hear at least how many requests were lost.
        let mut part = parts.next().unwrap_or_default();
        loop {
            let content = Content::Follows(part.to_vec());
            // It is told again and again.
            let _ = self.tell(None, content).await;
            match parts.next() {
                Some(next) => part = next,
                None => return,
            }
        }
    }

    /// Tells one server, or all.
    async fn tell(&self, to: Option<Node>, content: Content) -> Result<(), Away> {
        let message = Message {
            from: self.me,
            lost: self.load.lost.load(Ordering::Relaxed),
            content,
        };
        let signed = self.group.write(&message);
        let channel = match to {
            Some(node) => self.group.channel_of(node),
            None => self.group.channel(),
        };
        let told = if signed.len() > BYTES_MAX {
            Err(Away)
        } else {
            self.link.publish(&channel, &signed).await
        };
        let what = if told.is_ok() { "sent" } else { "dropped" };
        count(what, 1);
        told
    }
}
