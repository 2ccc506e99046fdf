//! What a server does without being asked: one file a job.
//!
//! Each runs again and again until the server stops, on every server of a database: it must do no harm that others
//! do the same. What fails is tried again at the next time.
//!
//! | job | why many may run it |
//! |---|---|
//! | `follow` | each server looks for itself |
//! | `mails` | a mail is claimed before it is sent, under a condition that is asked again of a row that another one claimed |
//! | `partitions`, and days in `retention` | an advisory lock, under which it is looked again |
//! | `purge`, rows in `retention` | what is removed by one is not there for the others |
//! | `rollups` | those that are stale are locked, and made of all their parts however often |
//! | `usage` | each server adds what it counted by itself |

mod follow;
mod mails;
mod partitions;
mod purge;
mod retention;
mod rollups;
mod usage;

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::mail::{Sender, SenderError};
use crate::store::StoreError;
use crate::telemetry::{JOB_RUNS, JOB_SECONDS};

/// The jobs of a running server.
#[derive(Debug)]
#[must_use = "dropping it cuts the jobs off"]
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// What came of one run of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// There is nothing left to do for now.
    All,
    /// There may be more.
    Part,
}

impl Done {
    /// What was done in one go, of which there may be so much.
    fn unless_full(done: u64, most: u32) -> Self {
        if done < u64::from(most) {
            Self::All
        } else {
            Self::Part
        }
    }
}

impl Jobs {
    /// Starts them.
    pub fn start(app: &App) -> Result<Self, SenderError> {
        let sender = app.config().smtp.as_ref().map(Sender::new).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if let Some(sender) = sender {
            let (app, stopped) = (app.clone(), stopped.clone());
            tasks.spawn(async move {
                let job = async || mails::run(&app, &sender).await;
                again("mails", mails::EVERY, stopped, job).await;
            });
        } else {
            tracing::info!("no mail server is set: mails wait for `mockbird admin mail`");
        }
        /// Starts the jobs of these files.
        macro_rules! start {
            ($($job:ident),*) => {
                $({
                    let (app, stopped) = (app.clone(), stopped.clone());
                    tasks.spawn(async move {
                        let job = async || $job::run(&app).await;
                        again(stringify!($job), $job::EVERY, stopped, job).await;
                    });
                })*
            };
        }
        start!(follow, partitions, purge, retention, rollups, usage);
        Ok(Self { stop, tasks })
    }

    /// The same end of the server, of which the jobs learn as well: they begin nothing more while requests finish.
    pub fn told_of<F>(&self, shutdown: F) -> impl Future<Output = ()> + Send + 'static + use<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        async move {
            shutdown.await;
            stop.send_replace(true);
        }
    }

    /// Lets what is under way finish, for so long.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, ended).await.is_err() {
            tracing::warn!("a job did not end in time and is cut off");
        }
    }
}

/// Runs a job at once, and again after each `pause`, until it is told to stop.
async fn again<F>(
    name: &'static str,
    pause: Duration,
    mut stop: watch::Receiver<bool>,
    job: impl Fn() -> F,
) where
    F: Future<Output = Result<Done, StoreError>>,
{
    let mut times = tokio::time::interval(pause);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = times.tick() => {}
        }
        loop {
            let began = Instant::now();
            let done = job().await;
            let outcome = if done.is_ok() { "done" } else { "failed" };
            metrics::counter!(JOB_RUNS, "job" => name, "outcome" => outcome).increment(1);
            metrics::histogram!(JOB_SECONDS, "job" => name).record(began.elapsed());
            // Once for as long as it goes on.
            if let Err(error) = &done
                && !failing
            {
                tracing::warn!(job = name, %error, "a job failed and is tried again");
            }
            failing = done.is_err();
            if !matches!(done, Ok(Done::Part)) || *stop.borrow() {
                break;
            }
        }
    }
}
