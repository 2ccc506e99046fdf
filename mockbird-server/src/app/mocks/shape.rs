//! Two mocks of one method that match the same paths: legal, but of hosted mocks nearly always a slip.

use mockbird_core::spec;

use super::super::AppError;
use crate::domain::{MockId, ProjectId};
use crate::store::{Tx, path_shape};

/// Whether a second mock of the same method and shape of path is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It is a slip.
    #[default]
    Refuse,
    /// Somebody said that it is none.
    Allow,
}

impl Duplicates {
    /// Refuses a mock that has the method and shape of another one, apart from the one it takes the place of.
    pub(super) async fn check(
        self,
        tx: &mut Tx,
        project: ProjectId,
        mock: &spec::Mock,
        except: Option<MockId>,
    ) -> Result<(), AppError> {
        if self == Self::Allow {
            return Ok(());
        }
        match tx.mock_of_shape(project, mock, except).await? {
            Some(first) => Err(AppError::DuplicateMock {
                at: "path".to_owned(),
                first: first.to_string(),
            }),
            None => Ok(()),
        }
    }
}

/// By what two mocks are told to be duplicates; absent for what is no path.
pub(in crate::app) fn shape(mock: &spec::Mock) -> Option<(String, String)> {
    let method = mock.method.clone().unwrap_or_default();
    Some((method.as_str().to_owned(), path_shape(&mock.path)?))
}

/// Whether they differ in method or shape.
pub(super) fn differ(before: &spec::Mock, after: &spec::Mock) -> bool {
    shape(before) != shape(after)
}
