//! The audit log: who changed what.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
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

impl Conn {
    /// A page of the audit log of an organization, the latest first.
    pub async fn audit_list(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<AuditEntry>> {
        const COUNT: &str = "select count(*) from audit_logs where organization_id = $1";
        const SQL: &str = "select audit_id, organization_id, user_id, key_id, action, resource_type, resource_id, \
             changes, ip_address, user_agent, request_id, created_at from audit_logs where organization_id = $1 \
             order by created_at desc, audit_id desc limit $2 offset $3";
        let id = organization.to_string();
        let (total,): (i64,) =
            on!(self, link => query_as(COUNT).bind(id.as_str()).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(id.as_str())
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged {
            items,
            page,
            total: u64::try_from(total).unwrap_or_default(),
        })
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
