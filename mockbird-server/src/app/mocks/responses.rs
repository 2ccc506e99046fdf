//! Responses of a mock: each change is one of the mock, which is compiled as a whole.

use mockbird_core::fault::{Fault, Faults};
use mockbird_core::spec;
use serde_json::{Value, json};

use super::super::actor::Deed;
use super::super::{Actor, App, AppError, Expected, IfMatch};
use super::save::{Change, MockWish, Saved};
use super::{MockAt, MockView};
use crate::domain::{MockId, Page, Paged, ResponseId};
use crate::store::{Mock, ResponseAbout};

const NO_RESPONSE: AppError = AppError::NotFound("response");

/// A response of a mock.
#[derive(Clone, Debug)]
pub struct ResponseView {
    /// Whose it is.
    pub mock: MockId,
    /// What a mock file would have.
    pub spec: spec::Response,
    /// What is known beside that.
    pub about: ResponseAbout,
}

/// What a response is wished to be.
#[derive(Clone, Debug)]
pub struct ResponseWish {
    /// What a mock file would have.
    pub spec: spec::Response,
    /// The version that it was made for.
    pub version: Option<i64>,
}

impl ResponseView {
    /// One of the responses of a mock.
    fn of(mock: &Mock, index: usize) -> Result<Self, AppError> {
        let found = mock
            .spec
            .responses
            .get(index)
            .zip(mock.responses.get(index));
        let (spec, about) = found.ok_or(NO_RESPONSE)?;
        Ok(Self {
            mock: mock.about.id,
            spec: spec.clone(),
            about: about.clone(),
        })
    }
}

impl App {
    /// A page of the responses of a mock, in their order.
    pub async fn response_list(
        &self,
        at: MockAt,
        page: Page,
    ) -> Result<Paged<ResponseView>, AppError> {
        let mock = self.mock_get(at).await?.mock;
        let all = (0..mock.responses.len()).map(|index| ResponseView::of(&mock, index));
        let all: Result<Vec<_>, _> = all.collect();
        Ok(Paged::of_all(all?, page))
    }

    /// A response of a mock.
    pub async fn response_get(&self, at: MockAt, id: ResponseId) -> Result<ResponseView, AppError> {
        let mock = self.mock_get(at).await?.mock;
        ResponseView::of(&mock, index_of(&mock, id)?)
    }

    /// Adds a response behind the others of its mock.
    pub async fn response_create(
        &self,
        at: MockAt,
        response: spec::Response,
        actor: &Actor,
    ) -> Result<Saved<ResponseView>, AppError> {
        let (change, before) = self.mock_begin(at, actor).await?;
        let mut wish = MockWish::of(&before.mock);
        let (index, id) = (wish.responses.len(), ResponseId::new(change.now));
        let changes = json!({ "after": told(&response) });
        wish.spec.responses.push(response);
        wish.responses.push(Some(id));
        let line = (deed("response.created", id), changes);
        self.response_save(change, before.mock, wish, index, line)
            .await
    }

    /// Changes a response into what `wish` makes of it.
    pub async fn response_change(
        &self,
        at: MockAt,
        id: ResponseId,
        wish: impl FnOnce(&ResponseView) -> Result<ResponseWish, AppError>,
        if_match: IfMatch,
        actor: &Actor,
    ) -> Result<Saved<ResponseView>, AppError> {
        let (change, before) = self.mock_begin(at, actor).await?;
        let index = index_of(&before.mock, id)?;
        let view = ResponseView::of(&before.mock, index)?;
        Expected::from(if_match).check(view.about.version)?;
        let ResponseWish { spec, version } = wish(&view)?;
        let if_match = IfMatch::Any;
        Expected { if_match, version }.check(view.about.version)?;
        let changes = json!({ "before": told(&view.spec), "after": told(&spec) });
        let mut wish = MockWish::of(&before.mock);
        wish.spec.responses[index] = spec;
        let line = (deed("response.changed", id), changes);
        self.response_save(change, before.mock, wish, index, line)
            .await
    }

    /// Makes a response the default of its mock, in place of the one that was.
    pub async fn response_default(
        &self,
        at: MockAt,
        id: ResponseId,
        if_match: IfMatch,
        actor: &Actor,
    ) -> Result<Saved<ResponseView>, AppError> {
        let (change, before) = self.mock_begin(at, actor).await?;
        let index = index_of(&before.mock, id)?;
        Expected::from(if_match).check(before.mock.responses[index].version)?;
        let mut wish = MockWish::of(&before.mock);
        for (place, response) in wish.spec.responses.iter_mut().enumerate() {
            if place == index {
                response.is_default = Some(true);
            } else if response.is_default == Some(true) {
                response.is_default = None;
            }
        }
        let changes = json!({ "after": told(&wish.spec.responses[index]) });
        let line = (deed("response.made_default", id), changes);
        self.response_save(change, before.mock, wish, index, line)
            .await
    }

    /// Deletes a response, unless it is the last of its mock.
    pub async fn response_delete(
        &self,
        at: MockAt,
        id: ResponseId,
        if_match: IfMatch,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut change, before) = self.mock_begin(at, actor).await?;
        let index = index_of(&before.mock, id)?;
        Expected::from(if_match).check(before.mock.responses[index].version)?;
        let mut wish = MockWish::of(&before.mock);
        if wish.responses.len() == 1 {
            return Err(AppError::LastResponse);
        }
        wish.responses.remove(index);
        let gone = wish.spec.responses.remove(index);
        let line = (
            deed("response.deleted", id),
            json!({ "before": told(&gone) }),
        );
        change.check_plan(&[&wish.spec], 0).await?;
        self.mock_save(change, before.mock, wish, line).await?;
        Ok(())
    }

    /// Saves the mock of a response; what is said of it is said relative to the response.
    async fn response_save(
        &self,
        mut change: Change<'_>,
        before: Mock,
        wish: MockWish,
        index: usize,
        line: (Deed, Value),
    ) -> Result<Saved<ResponseView>, AppError> {
        recheck(&wish.spec).map_err(|error| relative(error, index))?;
        change.check_plan(&[&wish.spec], 0).await?;
        let saved = self.mock_save(change, before, wish, line).await;
        let Saved { what, mut warnings } = saved.map_err(|error| relative(error, index))?;
        let MockView { mock, .. } = what;
        cut(&mut warnings, index);
        Ok(Saved {
            what: ResponseView::of(&mock, index)?,
            warnings,
        })
    }
}

fn index_of(mock: &Mock, id: ResponseId) -> Result<usize, AppError> {
    let found = mock.responses.iter().position(|about| about.id == id);
    found.ok_or(NO_RESPONSE)
}

/// What only the mock as a whole can have wrong, such as a second default.
fn recheck(mock: &spec::Mock) -> Result<(), AppError> {
    let mut faults = Faults::default();
    match spec::decode_mock(mock.to_node(), &mut faults) {
        Some(_) => Ok(()),
        None => Err(AppError::Faults(faults.errors)),
    }
}

fn relative(error: AppError, index: usize) -> AppError {
    match error {
        AppError::Faults(mut faults) => {
            cut(&mut faults, index);
            AppError::Faults(faults)
        }
        other => other,
    }
}

/// Cuts off where the response stands in its mock.
fn cut(faults: &mut [Fault], index: usize) {
    let place = format!("responses[{index}]");
    for fault in faults {
        if let Some(rest) = fault.at.strip_prefix(&place) {
            fault.at = rest.strip_prefix('.').unwrap_or(rest).to_owned();
        }
    }
}

fn deed(action: &'static str, id: ResponseId) -> Deed {
    Deed {
        action,
        kind: "response",
        id: id.to_string(),
    }
}

/// What the audit log tells of it.
fn told(response: &spec::Response) -> Value {
    json!({
        "name": response.name,
        "statusCode": response.status_code.unwrap_or(200),
        "isDefault": response.is_default.unwrap_or(false),
    })
}
