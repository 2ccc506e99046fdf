//! The connection to Redis: a task makes it, looks after it, and makes it anew, however long Redis is away.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use redis::aio::{MultiplexedConnection, SendError};
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Msg, ProtocolVersion, PushInfo, PushKind,
    RedisResult, ScriptInvocation,
};
use secrecy::ExposeSecret;
use tokio::sync::{Notify, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Heard;
use crate::config;
use crate::telemetry::{REDIS_CALLS, REDIS_UP};

/// How long anything may take for which no reply waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often Redis is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(1);

/// The first pause before it is tried anew; each is twice the one before.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// After so many calls in a row that failed or were late, none is made until Redis is quick again.
const FAILURES_MAX: u32 = 5;

/// How many calls may wait to be sent.
const CALLS_WAITING: usize = 1_024;

/// The connection of a server, while there is one.
pub(super) struct Link {
    client: Client,
    /// The longest that a reply waits.
    wait: Duration,
    /// What is listened to.
    channels: Vec<String>,
    /// Absent while Redis is away.
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Whether it answers in the time that a reply waits.
    is_quick: AtomicBool,
    /// Calls in a row that came to nothing.
    failures: AtomicU32,
}

/// Redis did not answer in time, or was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Away;

/// The address may hold a password.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("wait", &self.wait)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Nothing is asked yet: [`Self::keep`] does.
    pub(super) fn new(config: &config::Redis, channels: Vec<String>) -> RedisResult<Self> {
        let client = Client::open(config.url.expose_secret())?;
        let info = client.get_connection_info().clone();
        // Only the later protocol has messages and answers on one connection.
        let settings = info.redis_settings().clone();
        let info = info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3));
        Ok(Self {
            client: Client::open(info)?,
            wait: config.wait,
            channels,
            connection: ArcSwapOption::empty(),
            is_quick: AtomicBool::new(false),
            failures: AtomicU32::new(0),
        })
    }

    /// Whether it is asked for what replies wait for: it is there, and quick.
    pub(super) fn is_up(&self) -> bool {
        self.is_quick.load(Ordering::Relaxed)
    }

    /// Asks for something that a reply waits for.
    pub(super) async fn ask<T: FromRedisValue>(
        &self,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, Away> {
        let Some(mut connection) = self.connection().filter(|_| self.is_up()) else {
            count("away");
            return Err(Away);
        };
        let asked = timeout(self.wait, call.invoke_async(&mut connection)).await;
        if let Ok(Ok(answer)) = asked {
            self.failures.store(0, Ordering::Relaxed);
            count("done");
            return Ok(answer);
        }
        count(if asked.is_ok() { "failed" } else { "late" });
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_MAX {
            self.set_quick(false);
        }
        Err(Away)
    }

    /// Tells others something, for which no reply waits: so Redis may be slow.
    pub(super) async fn publish(&self, channel: &str, text: &[u8]) -> Result<(), Away> {
        let mut connection = self.connection().ok_or(Away)?;
        let mut call = redis::cmd("PUBLISH");
        let call = call.arg(channel).arg(text);
        let told = timeout(PATIENCE, call.query_async::<()>(&mut connection)).await;
        told.ok().and_then(Result::ok).ok_or(Away)
    }

    /// Keeps the connection for as long as it is polled, and hands on what is heard.
    pub(super) async fn keep(self: Arc<Self>, heard: mpsc::Sender<Heard>) {
        let mut pause = PAUSE_MIN;
        let mut is_told = false;
        self.set_quick(false);
        loop {
            let lost = Arc::new(Notify::new());
            match self.connect(&heard, Arc::clone(&lost)).await {
                Ok(connection) => {
                    tracing::info!("Redis is there: the servers of this database work together");
                    (pause, is_told) = (PAUSE_MIN, false);
                    self.connection.store(Some(Arc::new(connection.clone())));
                    // Whoever listens ends with the server.
                    let _ = heard.send(Heard::Joined).await;
                    self.look_after(connection, &lost).await;
                    self.connection.store(None);
                    self.set_quick(false);
                    let _ = heard.send(Heard::Parted).await;
                    tracing::warn!("Redis went away: this server goes on by itself");
                }
                Err(error) if !is_told => {
                    let error = error.category();
                    tracing::warn!(error, "Redis is away: this server goes on by itself");
                    is_told = true;
                }
                Err(_) => {}
            }
            sleep(pause.mul_f64(1.0 + fastrand::f64() / 4.0)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// A connection that listens, and notifies when it is lost.
    async fn connect(
        &self,
        heard: &mpsc::Sender<Heard>,
        lost: Arc<Notify>,
    ) -> RedisResult<MultiplexedConnection> {
        let heard = heard.clone();
        let hear = move |push: PushInfo| {
            match push.kind {
                PushKind::Disconnection => lost.notify_one(),
                PushKind::Message => {
                    let text = Msg::from_push_info(push);
                    let text = text.map(|message| message.get_payload_bytes().to_vec());
                    let text = text.map(Heard::Message);
                    if text.is_some_and(|text| heard.try_send(text).is_err()) {
                        super::count("dropped", 1);
                        // Whoever cannot keep up begins anew, and knows that there was a gap.
                        lost.notify_one();
                    }
                }
                _ => {}
            }
            Ok::<(), SendError>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_pipeline_buffer_size(CALLS_WAITING)
            .set_push_sender(hear);
        let connect = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let mut connection = connect.await?;
        connection.subscribe(&self.channels).await?;
        Ok(connection)
    }

    /// Asks again and again whether Redis is there, until it is not; calls are made while it is quick.
    async fn look_after(&self, mut connection: MultiplexedConnection, lost: &Notify) {
        let mut times = interval(PING_EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = lost.notified() => return,
                _ = times.tick() => {}
            }
            let asked = Instant::now();
            let ping = redis::cmd("PING").exec_async(&mut connection).await;
            if ping.is_err() {
                return;
            }
            if asked.elapsed() <= self.wait && !self.is_up() {
                self.failures.store(0, Ordering::Relaxed);
                self.set_quick(true);
            }
        }
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        let connection = self.connection.load_full()?;
        Some(MultiplexedConnection::clone(&connection))
    }

    fn set_quick(&self, is_quick: bool) {
        self.is_quick.store(is_quick, Ordering::Relaxed);
        metrics::gauge!(REDIS_UP).set(if is_quick { 1.0 } else { 0.0 });
    }
}

/// Counts a call by what came of it.
fn count(outcome: &'static str) {
    metrics::counter!(REDIS_CALLS, "outcome" => outcome).increment(1);
}
