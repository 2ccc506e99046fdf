//! The audit log: who changed what.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::tree::some_text;
use super::{Conn, Result, Tx};
use crate::domain::{AuditId, KeyId, Millis, OrganizationId, Page, Paged, UserId};

row! {
    /// A line of the audit log.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AuditEntry {
        /// Its id.
        pub id: AuditId = "audit_id",
        /// Where.
        pub organization: OrganizationId = "organization_id",
        /// Which user did it.
        pub user: Option<UserId> = "user_id",
        /// With which API key it was done.
        pub key: Option<KeyId> = "key_id",
        /// What was done, such as `member.role_changed`.
        pub action: String = "action",
        /// The kind of thing it was done to.
        pub resource_type: Option<String> = "resource_type",
        /// Which one.
        pub resource_id: Option<String> = "resource_id",
        /// What was before and after, as JSON.
        pub changes: Option<String> = "changes",
        /// From which address.
        pub ip_address: Option<String> = "ip_address",
        /// With what program.
        pub user_agent: Option<String> = "user_agent",
        /// In which request.
        pub request_id: Option<String> = "request_id",
        /// When.
        pub created_at: Millis = "created_at",
    }
}

/// Which lines of the audit log are asked for; what is absent excludes none.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this user.
    pub user: Option<UserId>,
    /// Of this API key.
    pub key: Option<KeyId>,
    /// Of this deed, such as `member.role_changed`.
    pub action: Option<String>,
    /// To this kind of thing.
    pub resource_type: Option<String>,
    /// To this thing.
    pub resource_id: Option<String>,
    /// From this moment on.
    pub from: Option<Millis>,
    /// Before this moment.
    pub before: Option<Millis>,
}

/// What [`AuditFilter`] lets through, for the statements below.
macro_rules! filtered {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " from audit_logs where organization_id = $1 and ($2 is null or user_id = $2) \
             and ($3 is null or key_id = $3) and ($4 is null or action = $4) \
             and ($5 is null or resource_type = $5) and ($6 is null or resource_id = $6) \
             and ($7 is null or created_at >= $7) and ($8 is null or created_at < $8) ",
            $rest
        )
    };
}

impl Conn {
    /// A page of the audit log of an organization, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in the filter.
    pub async fn audit_list(
        &mut self,
        organization: OrganizationId,
        filter: &AuditFilter,
        page: Page,
    ) -> Result<Paged<AuditEntry>> {
        const COUNT: &str = filtered!("select count(*)", "");
        const SQL: &str = filtered!(
            "select audit_id, organization_id, user_id, key_id, action, resource_type, resource_id, changes, \
             ip_address, user_agent, request_id, created_at",
            "order by created_at desc, audit_id desc limit $9 offset $10"
        );
        let action = some_text(filter.action.as_deref())?;
        let resource_type = some_text(filter.resource_type.as_deref())?;
        let resource_id = some_text(filter.resource_id.as_deref())?;
        /// Binds what both statements ask.
        macro_rules! filtered_by {
            ($sql:expr) => {
                query_as($sql)
                    .bind(organization.to_string())
                    .bind(filter.user.map(|id| id.to_string()))
                    .bind(filter.key.map(|id| id.to_string()))
                    .bind(action)
                    .bind(resource_type)
                    .bind(resource_id)
                    .bind(filter.from.map(|at| at.0))
                    .bind(filter.before.map(|at| at.0))
            };
        }
        let (total,): (i64,) = on!(self, link => filtered_by!(COUNT).fetch_one(link).await)?;
        let items = on!(self, link => filtered_by!(SQL)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }
}

impl Tx {
    /// Adds a line to the audit log, in the transaction of the change that it tells of.
    pub async fn audit_insert(&mut self, entry: &AuditEntry) -> Result<()> {
        const SQL: &str = "insert into audit_logs (audit_id, organization_id, user_id, key_id, action, resource_type, \
             resource_id, changes, ip_address, user_agent, request_id, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        execute!(
            self,
            query(SQL)
                .bind(entry.id.to_string())
                .bind(entry.organization.to_string())
                .bind(entry.user.map(|id| id.to_string()))
                .bind(entry.key.map(|id| id.to_string()))
                .bind(entry.action.as_str())
                .bind(entry.resource_type.as_deref())
                .bind(entry.resource_id.as_deref())
                .bind(entry.changes.as_deref())
                .bind(entry.ip_address.as_deref())
                .bind(entry.user_agent.as_deref())
                .bind(entry.request_id.as_deref())
                .bind(entry.created_at.0)
        )?;
        Ok(())
    }
}
