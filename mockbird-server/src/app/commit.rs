//! The end of a change that the mock plane has to know of.
//!
//! Whoever asked may go away at any moment, and with it what was done for it: so commit and news go in a task of their own,
//! and what was committed answers the very next request.

use super::{App, AppError};
use crate::mock_plane::Tried;
use crate::store::{StoreError, Tx};

/// What the mock plane has to know of a change.
#[derive(Debug)]
pub(super) enum News {
    /// What answers under these slugs is to be loaded anew.
    Forget(Vec<String>),
    /// This takes the place of what answers, if the project has this version now.
    Put(Box<Tried>, i64),
}

impl App {
    /// Commits, and lets the mock plane know.
    pub(super) async fn commit(&self, tx: Tx, news: News) -> Result<(), AppError> {
        let app = self.clone();
        let done = tokio::spawn(async move {
            let committed = tx.commit().await;
            app.tell_mock_plane(news, committed.is_ok()).await;
            committed
        });
        match done.await {
            Ok(committed) => Ok(committed?),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The server is stopping.
                Err(_) => Err(StoreError::Unsettled(sqlx::Error::WorkerCrashed).into()),
            },
        }
    }

    /// If it is not known whether it was committed, it may have been.
    async fn tell_mock_plane(&self, news: News, is_committed: bool) {
        let plane = self.mock_plane();
        let slugs = news.slugs();
        match news {
            News::Put(tried, version) if is_committed => plane.put_in_place(*tried, version).await,
            News::Put(..) | News::Forget(_) => {
                for slug in &slugs {
                    plane.forget(slug).await;
                }
            }
        }
        self.nodes().changed(&slugs);
    }
}

impl News {
    /// Under what slugs something else answers now.
    fn slugs(&self) -> Vec<String> {
        match self {
            Self::Put(tried, _) => vec![tried.slug().to_owned()],
            Self::Forget(slugs) => slugs.clone(),
        }
    }
}
