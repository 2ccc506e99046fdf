//! What somebody was found to be allowed, so that it can be asked again later.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{App, AppError, Identity, Intent};
use crate::domain::{KeyId, MockId, OrganizationId, ProjectId, Role};

/// Something that has to hold for a change, and for telling again what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Right {
    /// They have at least this role in the organization.
    InOrganization(OrganizationId, Role),
    /// They have at least this role in the project.
    InProject(ProjectId, Role),
    /// They have at least this role in the project of the mock.
    InMock(MockId, Role),
    /// The key that was made is good.
    Key(OrganizationId, KeyId),
}

/// What somebody was found to be allowed in the course of one request; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Rights(Arc<Mutex<Vec<Right>>>);

impl Rights {
    /// Notes that this holds.
    pub fn note(&self, right: Right) {
        self.lock().push(right);
    }

    /// Everything that was noted so far.
    pub fn all(&self) -> Vec<Right> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Right>> {
        // A list is whole whenever the lock is let go.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Whether all this still holds for somebody who would change something.
    ///
    /// # Errors
    /// What is said where it does not, as if it were asked for the first time.
    pub async fn rights_hold(&self, identity: &Identity, rights: &[Right]) -> Result<(), AppError> {
        for right in rights {
            match *right {
                Right::InOrganization(organization, least) => {
                    self.authorise(identity, organization, least, Intent::Change)
                        .await?;
                }
                Right::InProject(project, least) => {
                    self.project_authorise(identity, project, least, Intent::Change)
                        .await?;
                }
                Right::InMock(mock, least) => {
                    self.mock_authorise(identity, mock, least, Intent::Change)
                        .await?;
                }
                Right::Key(organization, key) => self.key_is_good(organization, key).await?,
            }
        }
        Ok(())
    }

    /// A key that is good no more is not told again.
    async fn key_is_good(&self, organization: OrganizationId, id: KeyId) -> Result<(), AppError> {
        let key = self
            .store()
            .read()
            .await?
            .api_key_get(organization, id)
            .await?;
        let now = self.clock().now();
        let is_good = key.is_some_and(|key| key.expires_at.is_none_or(|end| now < end));
        is_good.then_some(()).ok_or(AppError::Conflict(
            "the API key that this request made was revoked or has ended: make another one with a new `Idempotency-Key`",
        ))
    }
}
