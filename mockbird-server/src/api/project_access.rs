//! Who calls for a project or a mock: what a handler takes to know it, and cannot forget.

use std::marker::PhantomData;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use super::Problem;
use super::caller::{Caller, Rank};
use crate::app::{App, AppError, Intent, Right};
use crate::domain::{MockId, OrganizationId, ProjectId, Role};

/// Somebody who has at least the role `R` in the organization of the project of the path (`{project}`). A key of one
/// project has it there alone. Where they have none, or there is no such project, the answer is 404. Where the operator
/// stopped project or organization, only reads go on.
#[derive(Clone, Debug)]
pub struct InProject<R> {
    /// Whose project it is.
    pub organization: OrganizationId,
    /// Which one.
    pub project: ProjectId,
    /// Who.
    pub caller: Caller,
    /// As what.
    pub role: Role,
    rank: PhantomData<R>,
}

impl<R: Rank> FromRequestParts<App> for InProject<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // Who is not logged in learns not even whether the address is well-formed.
        let caller = Caller::from_request_parts(parts, app).await?;
        let id = named(parts, app, "project").await?;
        let access = app
            .project_authorise(&caller.identity, id, R::ROLE, intent(parts))
            .await?;
        caller.rights.note(Right::InProject(id, R::ROLE));
        Ok(Self {
            organization: access.organization,
            project: access.project,
            caller,
            role: access.role,
            rank: PhantomData,
        })
    }
}

/// The same for the project of the mock of the path (`{mock}`).
#[derive(Clone, Debug)]
pub struct InMock<R> {
    /// Whose project it is.
    pub organization: OrganizationId,
    /// Of which project the mock is.
    pub project: ProjectId,
    /// Which mock.
    pub mock: MockId,
    /// Who.
    pub caller: Caller,
    /// As what.
    pub role: Role,
    rank: PhantomData<R>,
}

impl<R: Rank> FromRequestParts<App> for InMock<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let mock = named(parts, app, "mock").await?;
        let access = app
            .mock_authorise(&caller.identity, mock, R::ROLE, intent(parts))
            .await?;
        caller.rights.note(Right::InMock(mock, R::ROLE));
        Ok(Self {
            organization: access.organization,
            project: access.project,
            mock,
            caller,
            role: access.role,
            rank: PhantomData,
        })
    }
}

/// The id that stands in the path under this name.
async fn named<T: FromStr>(
    parts: &mut Parts,
    app: &App,
    name: &'static str,
) -> Result<T, AppError> {
    let params = RawPathParams::from_request_parts(parts, app).await;
    let found = params.as_ref().ok().and_then(|params| {
        let found = params.iter().find(|(param, _)| *param == name);
        found.and_then(|(_, id)| id.parse().ok())
    });
    found.ok_or(AppError::NotFound(name))
}

fn intent(parts: &Parts) -> Intent {
    if parts.method.is_safe() {
        Intent::Read
    } else {
        Intent::Change
    }
}
