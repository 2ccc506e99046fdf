//! What servers of one database tell each other, so that none of them has to look again and again.
//!
//! ```text
//! a change commits -> Nodes::changed  -> queue -> Redis -> the others  -> MockPlane::forget
//! a request        -> Nodes::answered -> queue -> Redis -> who follows -> LogFeed
//! ```
//!
//! Limits are shared as well: a server [lends](lender) permits of windows in Redis, for which a request waits at most `redis.wait`.
//!
//! Whatever is told may be lost: each second a server looks into the database for changes that it was not told of, and whoever
//! follows a project goes back to the store where there was a gap. Where Redis is away, a server goes on by itself.

mod attend;
mod lender;
mod link;
mod message;
mod send;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::attend::{Attendant, Followed};
use self::lender::Windows;
use self::link::Link;
use self::message::{Group, Node};
use self::send::{Outbox, Teller};
use crate::app::{App, SigningSecret};
use crate::config;
use crate::domain::{LogBody, LogRecord};
use crate::limits::Lender;
use crate::telemetry::NODE_MESSAGES;

/// How many messages may wait to be looked at.
const HEARD_WAITING: usize = 4_096;

/// The other servers of the database, as far as this one can reach them; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Nodes(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    link: Arc<Link>,
    lender: Arc<Windows>,
    outbox: Outbox,
    /// Who follows what elsewhere.
    followed: ArcSwap<Followed>,
    /// Somebody follows something here that nobody did.
    follows: Notify,
}

/// Whether a server works together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// It is not set that it should.
    Alone,
    /// It does.
    Joined,
    /// Redis is away, or too slow: it goes on by itself.
    Away,
}

/// What comes from the others, or of the way to them.
#[derive(Debug)]
enum Heard {
    /// From now on everything is heard.
    Joined,
    /// Somebody told something.
    Message(Vec<u8>),
    /// From now on nothing is heard.
    Parted,
}

/// What goes on between servers; dropping it ends it.
#[derive(Debug)]
#[must_use = "dropping it cuts the server off from the others"]
pub struct Exchange {
    tasks: JoinSet<()>,
    parts: Arc<Parts>,
    me: Node,
    group: Group,
    teller: Teller,
    heard: mpsc::Receiver<Heard>,
}

/// Why a server cannot look for others.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    /// The address of Redis.
    #[error("the address of Redis cannot be used: {0}")]
    Address(#[from] redis::RedisError),
    /// The secret that servers share.
    #[error("the signing secret cannot be used: {0}")]
    Secret(#[from] hmac::digest::InvalidLength),
}

impl Nodes {
    /// Begins to look for the others, if it is set where. Redis need not be there.
    ///
    /// # Errors
    /// The address of Redis, or the secret, cannot be used.
    pub fn start(
        config: &config::Config,
        secret: &SigningSecret,
    ) -> Result<(Self, Option<Exchange>), NodesError> {
        let Some(config) = &config.redis else {
            return Ok((Self::default(), None));
        };
        let (me, group) = (Node::draw(), Group::of(secret)?);
        let channels = vec![group.channel(), group.channel_of(me)];
        let link = Arc::new(Link::new(config, channels)?);
        let (outbox, letters, teller) = Outbox::new(me, group.clone(), Arc::clone(&link));
        let (sender, heard) = mpsc::channel(HEARD_WAITING);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&link).keep(sender));
        tasks.spawn(letters.send_all(teller.clone()));
        let lender = Arc::new(Windows::new(Arc::clone(&link), group.clone()));
        let parts = Arc::new(Parts {
            link,
            lender,
            outbox,
            followed: ArcSwap::default(),
            follows: Notify::new(),
        });
        let nodes = Self(Some(Arc::clone(&parts)));
        let exchange = Exchange {
            tasks,
            parts,
            me,
            group,
            teller,
            heard,
        };
        Ok((nodes, Some(exchange)))
    }

    /// Whether this server works together with others now.
    pub fn bond(&self) -> Bond {
        match &self.0 {
            None => Bond::Alone,
            Some(parts) if parts.link.is_up() => Bond::Joined,
            Some(_) => Bond::Away,
        }
    }

    /// Who lends permits of the windows that servers share, if there are any.
    pub(crate) fn lender(&self) -> Option<Arc<dyn Lender>> {
        let parts = self.0.as_ref()?;
        Some(Arc::clone(&parts.lender) as Arc<dyn Lender>)
    }

    /// Tells the others that what answers under these slugs was changed: call it once the change is committed.
    pub(crate) fn changed(&self, slugs: &[String]) {
        if let Some(parts) = &self.0 {
            parts.outbox.changed(slugs);
        }
    }

    /// Tells of a request those others where somebody follows its project.
    pub(crate) fn answered(&self, record: &Arc<LogRecord>) {
        let Some(parts) = &self.0 else { return };
        let followed = parts.followed.load();
        let Some(nodes) = followed.get(&record.project) else {
            return;
        };
        let (now, record) = (Instant::now(), without_body(record));
        for (node, _) in nodes.iter().filter(|(_, until)| now < *until) {
            parts.outbox.answered(*node, &record);
        }
    }

    /// Tells the others at once that somebody follows something here that nobody did.
    pub(crate) fn follows_more(&self) {
        if let Some(parts) = &self.0 {
            parts.follows.notify_one();
        }
    }
}

impl Exchange {
    /// Does what others tell.
    pub fn attend(mut self, app: &App) -> JoinSet<()> {
        let attendant = Attendant {
            app: app.clone(),
            me: self.me,
            group: self.group,
            parts: Arc::clone(&self.parts),
            lost: HashMap::new(),
        };
        self.tasks.spawn(attendant.attend(self.heard));
        let announced = attend::announce(app.clone(), self.parts, self.teller);
        self.tasks.spawn(announced);
        self.tasks
    }
}

/// What a follower is shown of a request.
fn without_body(record: &Arc<LogRecord>) -> Arc<LogRecord> {
    let mut record = Arc::clone(record);
    if record.body.as_ref().is_some_and(|body| body.kept.is_some()) {
        let body = &mut Arc::make_mut(&mut record).body;
        *body = body.take().map(|body| LogBody { kept: None, ..body });
    }
    record
}

/// Counts messages by what became of them.
fn count(what: &'static str, messages: u64) {
    metrics::counter!(NODE_MESSAGES, "what" => what).increment(messages);
}
