//! Mocks of a project: each change is compiled before it is kept, and answers the very next request.

mod bulk;
mod order;
mod responses;
mod save;
mod shape;

pub use bulk::{BulkDone, BulkWish};
pub use order::OrderWish;
pub use responses::{ResponseView, ResponseWish};
pub use save::{MockWish, Saved};
pub use shape::Duplicates;

use serde_json::{Value, json};

pub(super) use self::save::Change;
pub(super) use self::shape::shape;
use super::actor::Deed;
use super::{Actor, App, AppError, Expected, IfMatch};
use crate::domain::{MockId, OrganizationId, Page, Paged, ProjectId, Refusal};
use crate::store::{Mock, MockFilter, Project};

/// The most bytes that the responses of a page of several mocks have.
const PAGE_BYTES_MAX: u64 = 16 << 20;

const NO_MOCK: AppError = AppError::NotFound("mock");

/// Which mock of whose project.
#[derive(Clone, Copy, Debug)]
pub struct MockAt {
    /// Whose.
    pub organization: OrganizationId,
    /// Of which project.
    pub project: ProjectId,
    /// Which one.
    pub mock: MockId,
}

/// A mock, and where it answers.
#[derive(Clone, Debug)]
pub struct MockView {
    /// The mock.
    pub mock: Mock,
    /// Its address; its parameters stand in it as they are written.
    pub url: String,
}

impl App {
    /// A page of the mocks of a project, in their order.
    pub async fn mock_list(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        filter: &MockFilter,
        page: Page,
    ) -> Result<Paged<MockView>, AppError> {
        let mut read = self.store().snapshot().await?;
        let of = read.project_get(organization, project).await?;
        let of = of.ok_or(AppError::NotFound("project"))?;
        let size = read.mock_list_bytes(organization, project, filter, page);
        check_page(page, size.await?)?;
        let found = read.mock_list(organization, project, filter, page).await?;
        Ok(found.map(|mock| self.mock_view(&of, mock)))
    }

    /// A mock.
    pub async fn mock_get(&self, at: MockAt) -> Result<MockView, AppError> {
        let mut read = self.store().snapshot().await?;
        let of = read.project_get(at.organization, at.project).await?;
        let found = read.mock_get(at.organization, at.project, at.mock).await?;
        let (of, found) = of.zip(found).ok_or(NO_MOCK)?;
        Ok(self.mock_view(&of, found))
    }

    /// Makes a mock, behind all others.
    pub async fn mock_create(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        wish: MockWish,
        duplicates: Duplicates,
        actor: &Actor,
    ) -> Result<Saved<MockView>, AppError> {
        let mut change = self.mocks_begin(organization, project, actor).await?;
        change.check_plan(&[&wish.spec], 1).await?;
        duplicates
            .check(&mut change.tx, project, &wish.spec, None)
            .await?;
        let room = change.room_at_end().await?;
        self.mock_insert(change, wish, room, "mock.created").await
    }

    /// Changes a mock into what `wish` makes of it.
    pub async fn mock_change(
        &self,
        at: MockAt,
        wish: impl FnOnce(&MockView) -> Result<MockWish, AppError>,
        if_match: IfMatch,
        duplicates: Duplicates,
        actor: &Actor,
    ) -> Result<Saved<MockView>, AppError> {
        let (mut change, before) = self.mock_begin(at, actor).await?;
        Expected::from(if_match).check(before.mock.about.version)?;
        let wish = wish(&before)?;
        Expected {
            if_match: IfMatch::Any,
            version: wish.version,
        }
        .check(before.mock.about.version)?;
        if shape::differ(&before.mock.spec, &wish.spec) {
            duplicates
                .check(&mut change.tx, at.project, &wish.spec, Some(at.mock))
                .await?;
        }
        change.check_plan(&[&wish.spec], 0).await?;
        let line = changed("mock.changed", &before.mock, &wish);
        self.mock_save(change, before.mock, wish, line).await
    }

    /// Lets a mock answer, or puts it to rest, which every plan allows.
    pub async fn mock_activate(
        &self,
        at: MockAt,
        is_active: bool,
        if_match: IfMatch,
        actor: &Actor,
    ) -> Result<Saved<MockView>, AppError> {
        let (mut change, before) = self.mock_begin(at, actor).await?;
        Expected::from(if_match).check(before.mock.about.version)?;
        let mut wish = MockWish::of(&before.mock);
        if is_active {
            change.check_plan(&[&wish.spec], 0).await?;
        }
        if wish.spec.is_active.unwrap_or(true) != is_active {
            wish.spec.is_active = Some(is_active);
        }
        let action = if is_active {
            "mock.activated"
        } else {
            "mock.deactivated"
        };
        let line = changed(action, &before.mock, &wish);
        self.mock_save(change, before.mock, wish, line).await
    }

    /// Deletes a mock.
    pub async fn mock_delete(
        &self,
        at: MockAt,
        if_match: IfMatch,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut change, before) = self.mock_begin(at, actor).await?;
        Expected::from(if_match).check(before.mock.about.version)?;
        let tried = change.remove(&[at.mock]).await?;
        change
            .tx
            .mock_delete(at.project, &[at.mock], change.now)
            .await?;
        let changes = json!({ "before": told(&before.mock.spec) });
        change
            .finish(Some(tried), deed("mock.deleted", at.mock), &changes)
            .await
    }

    fn mock_view(&self, project: &Project, mock: Mock) -> MockView {
        let url = format!("{}{}", self.project_url(project), mock.spec.path);
        MockView { mock, url }
    }

    /// Begins a change of the mocks of a project.
    async fn mocks_begin<'a>(
        &'a self,
        organization: OrganizationId,
        project: ProjectId,
        actor: &'a Actor,
    ) -> Result<Change<'a>, AppError> {
        let now = self.clock().now();
        let (tx, organization, project) = self.project_edit(organization, project).await?;
        Ok(Change {
            app: self,
            tx,
            organization,
            project,
            actor,
            now,
        })
    }

    /// Begins a change of one mock.
    async fn mock_begin<'a>(
        &'a self,
        at: MockAt,
        actor: &'a Actor,
    ) -> Result<(Change<'a>, MockView), AppError> {
        let mut change = self.mocks_begin(at.organization, at.project, actor).await?;
        let found = change.mock(at.mock).await?;
        let view = self.mock_view(&change.project, found);
        Ok((change, view))
    }
}

/// Refuses a page that is too large; one of a single mock is never.
fn check_page(page: Page, (mocks, bytes): (u64, u64)) -> Result<(), AppError> {
    if page.limit() == 1 || bytes <= PAGE_BYTES_MAX {
        return Ok(());
    }
    let why = format!(
        "the responses of the mocks on this page are too large together: ask for fewer at a time, such as {}",
        (mocks * PAGE_BYTES_MAX / bytes).max(1)
    );
    Err(AppError::Refused("limit", Refusal(why)))
}

fn deed(action: &'static str, id: MockId) -> Deed {
    Deed {
        action,
        kind: "mock",
        id: id.to_string(),
    }
}

/// What the audit log tells of a change.
fn changed(action: &'static str, before: &Mock, wish: &MockWish) -> (Deed, Value) {
    let changes = json!({ "before": told(&before.spec), "after": told(&wish.spec) });
    (deed(action, before.about.id), changes)
}

/// What the audit log tells of it.
fn told(mock: &mockbird_core::spec::Mock) -> Value {
    json!({
        "name": mock.display_name(),
        "method": mock.method.clone().unwrap_or_default().as_str(),
        "path": mock.path,
        "isActive": mock.is_active.unwrap_or(true),
        "responses": mock.responses.len(),
    })
}
