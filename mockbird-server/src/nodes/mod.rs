//! What servers of one database tell each other, so that none of them has to look again and again.
//!
//! ```text
//! a change commits -> Nodes::changed -> queue -> Redis -> the others -> MockPlane::forget
//! ```
//!
//! Whatever is told may be lost: each second a server looks into the database for what it was not told. Nobody waits for Redis
//! here; where it is away, a server goes on by itself.

mod attend;
mod link;
mod message;
mod send;

pub use link::Away;

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::link::Link;
use self::message::Node;
use self::send::Outbox;
use crate::app::{App, SigningSecret};
use crate::config;
use crate::telemetry::NODE_MESSAGES;

/// How many messages may wait to be looked at.
const HEARD_WAITING: usize = 4_096;

/// The other servers of the database, as far as this one can reach them; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Nodes(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    link: Arc<Link>,
    outbox: Outbox,
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
    me: Node,
    heard: mpsc::Receiver<Heard>,
}

impl Nodes {
    /// Begins to look for the others, if it is set where. Redis need not be there.
    ///
    /// # Errors
    /// The address of Redis cannot be used.
    pub fn start(
        config: &config::Config,
        secret: &SigningSecret,
    ) -> Result<(Self, Option<Exchange>), redis::RedisError> {
        let Some(config) = &config.redis else {
            return Ok((Self::default(), None));
        };
        let channel = channel(secret);
        let link = Arc::new(Link::new(config, vec![channel.clone()])?);
        let (sender, heard) = mpsc::channel(HEARD_WAITING);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&link).keep(sender));
        let me = Node::draw();
        let (outbox, letters) = Outbox::new(me);
        tasks.spawn(letters.send_all(Arc::clone(&link), channel));
        let nodes = Self(Some(Arc::new(Parts { link, outbox })));
        Ok((nodes, Some(Exchange { tasks, me, heard })))
    }

    /// Whether this server works together with others now.
    pub fn bond(&self) -> Bond {
        match &self.0 {
            None => Bond::Alone,
            Some(parts) if parts.link.is_up() => Bond::Joined,
            Some(_) => Bond::Away,
        }
    }

    /// Tells the others that what answers under these slugs was changed: call it once the change is committed.
    pub(crate) fn changed(&self, slugs: &[String]) {
        if let Some(parts) = &self.0 {
            parts.outbox.changed(slugs);
        }
    }
}

impl Exchange {
    /// Does what others tell.
    pub fn attend(mut self, app: &App) -> JoinSet<()> {
        self.tasks
            .spawn(attend::all(app.clone(), self.me, self.heard));
        self.tasks
    }
}

/// Where the servers of one database meet: all have one secret, and who does not know it does not find them by chance.
fn channel(secret: &SigningSecret) -> String {
    let name = Hmac::<Sha256>::new_from_slice(secret.expose()).ok();
    let name = name.and_then(|mac| {
        let name = mac.chain_update("nodes").finalize().into_bytes();
        name.first_chunk().copied().map(u64::from_be_bytes)
    });
    // A key of any length will do, and a hash is longer than that.
    format!("mockbird:{:016x}", name.unwrap_or_default())
}

/// Counts messages by what became of them.
fn count(what: &'static str, messages: u64) {
    metrics::counter!(NODE_MESSAGES, "what" => what).increment(messages);
}
