//! Requests that make something once, however often they come.
//!
//! A request with a key is written down before it is done, and its answer after: what comes meanwhile is told to wait.
//! If we died in between, nobody knows whether it was done, and whoever asks again is told so: it is never done twice.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{App, AppError, Right, Who};
use crate::domain::IdempotencyKey;

/// How long a key stands for its request.
const REMEMBERED: Duration = Duration::from_hours(24);

/// A request that is to be done once.
#[derive(Clone, Debug)]
pub struct OnceRequest {
    owner: String,
    key: IdempotencyKey,
    hash: String,
}

/// What was answered; what it says may be a secret.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// What it says.
    pub body: String,
    /// What has to hold for whoever is told it again.
    pub rights: Vec<Right>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// What is to be done with a request.
#[derive(Debug)]
pub enum Begun {
    /// It came for the first time: it is to be done.
    First,
    /// It was done before, and answered so.
    Done(Answer),
}

impl OnceRequest {
    /// The request of somebody; `parts` are what makes it this one.
    pub fn new(who: Who, key: IdempotencyKey, parts: &[&[u8]]) -> Self {
        let owner = match who {
            Who::User(user) => user.to_string(),
            Who::Key(key) => key.to_string(),
            Who::Operator => String::new(),
        };
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = URL_SAFE_NO_PAD.encode(hash.finalize());
        Self { owner, key, hash }
    }

    /// Each answer is sealed under a name of its own.
    fn name(&self) -> String {
        format!("idempotency {} {}", self.owner, self.key)
    }
}

impl App {
    /// Begins a request, unless it came before.
    pub async fn once_begin(&self, request: &OnceRequest) -> Result<Begun, AppError> {
        let OnceRequest { owner, key, hash } = request;
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let end = now.after(REMEMBERED);
        if tx.idempotency_begin(owner, key, hash, now, end).await? {
            tx.commit().await?;
            return Ok(Begun::First);
        }
        let before = tx.idempotency_get(owner, key).await?;
        // Its end fell between the two statements.
        let before = before.ok_or(AppError::UnderWay)?;
        if before.request_hash != *hash {
            return Err(AppError::AnotherRequest);
        }
        if let Some(sealed) = &before.answer {
            let answer = self.secret().open(&request.name(), sealed);
            let answer = answer.and_then(|json| serde_json::from_slice(&json).ok());
            return answer.map(Begun::Done).ok_or(AppError::BrokeOff);
        }
        // Nothing takes that long: whoever did it is no more.
        let patience = self.config().limits.request_timeout * 2;
        if now < before.created_at.after(patience) {
            Err(AppError::UnderWay)
        } else {
            Err(AppError::BrokeOff)
        }
    }

    /// Keeps the answer to a request that was done.
    pub async fn once_finish(
        &self,
        request: &OnceRequest,
        answer: &Answer,
    ) -> Result<(), AppError> {
        // A struct of texts always becomes JSON, and sealing fails where the system has no randomness.
        let plain = serde_json::to_vec(answer).unwrap_or_default();
        let Some(sealed) = self.secret().seal(&request.name(), plain) else {
            return Ok(());
        };
        let OnceRequest { owner, key, .. } = request;
        let mut tx = self.store().begin().await?;
        tx.idempotency_finish(owner, key, answer.status.into(), &sealed)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a request that made nothing: it may come again.
    pub async fn once_forget(&self, request: &OnceRequest) -> Result<(), AppError> {
        let mut tx = self.store().begin().await?;
        tx.idempotency_forget(&request.owner, &request.key).await?;
        Ok(tx.commit().await?)
    }
}
