//! What a server does with what others tell it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::message::{Content, Group, Message, Node};
use super::send::Teller;
use super::{Heard, Parts, count};
use crate::app::App;
use crate::domain::ProjectId;

/// How often the others are told what is followed here.
const FOLLOWS_EVERY: Duration = Duration::from_secs(2);

/// For how long it goes.
const FOLLOWS_FOR: Duration = Duration::from_secs(7);

/// How long a server is remembered of which nothing is heard any more.
const SILENT_MAX: Duration = Duration::from_mins(10);

/// The most projects that are followed elsewhere, each counted once a server.
const FOLLOWED_MAX: usize = 10_000;

/// Who follows which project elsewhere, and until when.
pub(super) type Followed = HashMap<ProjectId, Vec<(Node, Instant)>>;

/// What a server knows of the others.
pub(super) struct Attendant {
    pub(super) app: App,
    pub(super) me: Node,
    pub(super) group: Group,
    pub(super) parts: Arc<Parts>,
    /// How many requests each of them had lost when it was last heard.
    pub(super) lost: HashMap<Node, (u64, Instant)>,
}

impl Attendant {
    /// Attends to all that is heard, in order, for as long as it is polled.
    pub(super) async fn attend(mut self, mut heard: mpsc::Receiver<Heard>) {
        while let Some(heard) = heard.recv().await {
            match heard {
                Heard::Joined => {
                    self.app.log_feed().hear_elsewhere(true);
                    // At once, and not when it is time again.
                    self.parts.follows.notify_one();
                }
                Heard::Parted => self.app.log_feed().hear_elsewhere(false),
                Heard::Message(signed) => match self.group.read(&signed) {
                    // Whoever tells all hears it, too.
                    Some(message) if message.from == self.me => {}
                    Some(message) => self.do_as_told(message).await,
                    None => count("refused", 1),
                },
            }
        }
    }

    async fn do_as_told(&mut self, message: Message) {
        count("received", 1);
        self.look_for_gap(message.from, message.lost);
        match message.content {
            Content::Changed(slugs) => {
                for slug in slugs {
                    self.app.mock_plane().forget(&slug).await;
                }
            }
            Content::Follows(projects) => self.follow(message.from, &projects),
            Content::Answered(records) => {
                for record in records {
                    self.app.log_feed().publish_here(&record);
                }
            }
        }
    }

    /// Whoever lost requests may have lost such as somebody follows here.
    fn look_for_gap(&mut self, from: Node, lost: u64) {
        let now = Instant::now();
        let before = self.lost.insert(from, (lost, now));
        if before.map_or(0, |(before, _)| before) != lost {
            self.app.log_feed().hear_elsewhere(true);
        }
        self.lost.retain(|_, (_, heard)| now < *heard + SILENT_MAX);
    }

    fn follow(&self, node: Node, projects: &[ProjectId]) {
        let now = Instant::now();
        let mut followed = Followed::clone(&self.parts.followed.load());
        for nodes in followed.values_mut() {
            nodes.retain(|(_, until)| now < *until);
        }
        followed.retain(|_, nodes| !nodes.is_empty());
        let mut room = FOLLOWED_MAX.saturating_sub(followed.values().map(Vec::len).sum());
        for project in projects {
            let nodes = followed.entry(*project).or_default();
            let until = now + FOLLOWS_FOR;
            match nodes.iter_mut().find(|(other, _)| *other == node) {
                Some((_, known)) => *known = until,
                None if room > 0 => {
                    nodes.push((node, until));
                    room -= 1;
                }
                None => {}
            }
        }
        self.parts.followed.store(Arc::new(followed));
    }
}

/// Tells the others again and again what is followed here, and at once when it becomes more.
pub(super) async fn announce(app: App, parts: Arc<Parts>, teller: Teller) {
    let mut times = interval(FOLLOWS_EVERY);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = times.tick() => {}
            () = parts.follows.notified() => {}
        }
        teller.follows(&app.log_feed().followed()).await;
    }
}
