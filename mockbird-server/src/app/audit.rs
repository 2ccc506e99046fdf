//! The audit log: who changed what.

use super::{App, AppError};
use crate::domain::{OrganizationId, Page, Paged};
use crate::store::{AuditEntry, AuditFilter};

impl App {
    /// A page of the audit log of an organization, the latest first.
    pub async fn audit_list(
        &self,
        organization: OrganizationId,
        filter: &AuditFilter,
        page: Page,
    ) -> Result<Paged<AuditEntry>, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.audit_list(organization, filter, page).await?)
    }
}
