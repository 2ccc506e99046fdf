//! What creates answered, for whoever asks again with the same key.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{IdempotencyKey, Millis};

row! {
    /// A request that came with a key, and its answer.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IdempotencyRecord {
        /// By which the request is known again.
        pub request_hash: String = "request_hash",
        /// The status of its answer; absent as long as there is none.
        pub status: Option<i64> = "response_status",
        /// The rest of its answer.
        pub answer: Option<Vec<u8>> = "response_body",
        /// When it came.
        pub created_at: Millis = "created_at",
    }
}

impl Conn {
    /// The request that came with this key of its owner.
    pub async fn idempotency_get(
        &mut self,
        owner: &str,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>> {
        const SQL: &str = "select request_hash, response_status, response_body, created_at from idempotency_keys \
             where owner_id = $1 and idempotency_key = $2";
        on!(self, link => query_as(SQL)
            .bind(owner)
            .bind(key.as_str())
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// Notes that a request came with this key. False if one did before, and is remembered.
    pub async fn idempotency_begin(
        &mut self,
        owner: &str,
        key: &IdempotencyKey,
        request_hash: &str,
        now: Millis,
        expires_at: Millis,
    ) -> Result<bool> {
        const SQL: &str = "insert into idempotency_keys (owner_id, idempotency_key, request_hash, created_at, expires_at) \
             values ($1, $2, $3, $4, $5) on conflict (owner_id, idempotency_key) do update \
             set request_hash = excluded.request_hash, response_status = null, response_body = null, \
             created_at = excluded.created_at, expires_at = excluded.expires_at \
             where idempotency_keys.expires_at <= excluded.created_at";
        let begun = execute!(
            self,
            query(SQL)
                .bind(owner)
                .bind(key.as_str())
                .bind(request_hash)
                .bind(now.0)
                .bind(expires_at.0)
        )?;
        Ok(begun == 1)
    }

    /// Keeps the answer to it.
    pub async fn idempotency_finish(
        &mut self,
        owner: &str,
        key: &IdempotencyKey,
        status: i64,
        answer: &[u8],
    ) -> Result<()> {
        const SQL: &str = "update idempotency_keys set response_status = $1, response_body = $2 \
             where owner_id = $3 and idempotency_key = $4";
        execute!(
            self,
            query(SQL)
                .bind(status)
                .bind(answer)
                .bind(owner)
                .bind(key.as_str())
        )?;
        Ok(())
    }

    /// Forgets that it came: nothing was made, and it may come again.
    pub async fn idempotency_forget(&mut self, owner: &str, key: &IdempotencyKey) -> Result<()> {
        const SQL: &str =
            "delete from idempotency_keys where owner_id = $1 and idempotency_key = $2";
        execute!(self, query(SQL).bind(owner).bind(key.as_str()))?;
        Ok(())
    }
}
