//! What a query asks of logged requests.

use serde::Deserialize;
use utoipa::IntoParams;

use super::super::fields::Fields;
use super::super::time::moment;
use super::super::{PageQuery, Problem};
use crate::domain::{LogFilter, LogId, MockId, Page, Refusal, listed};

/// Which logged requests; what is left out excludes none.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// Answered at this moment or later.
    #[param(nullable = false, format = DateTime)]
    from: Option<String>,
    /// Answered before this moment.
    #[param(nullable = false, format = DateTime)]
    before: Option<String>,
    /// Of one of these methods, with commas between them.
    #[param(nullable = false, example = "POST,PUT")]
    method: Option<String>,
    /// Answered with one of these statuses or classes of them, with commas between them.
    #[param(nullable = false, example = "404,5xx")]
    status: Option<String>,
    /// Whose path begins so, as it came.
    #[param(nullable = false, example = "/products/")]
    path: Option<String>,
    /// That a mock answered, or that none did.
    #[param(nullable = false)]
    matched: Option<bool>,
    /// That this response answered.
    #[param(nullable = false)]
    response_id: Option<String>,
    /// With this text in path, query, headers, body or address, in the same case: looked for among the newest 50,000.
    #[param(nullable = false)]
    q: Option<String>,
}

/// Which mock.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct OfMock {
    /// That this mock answered.
    #[param(nullable = false)]
    mock_id: Option<String>,
}

/// Where a list goes on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Cursor {
    /// Behind this logged request: the `nextCursor` of the list before it. Pages count from there.
    #[param(nullable = false)]
    cursor: Option<String>,
}

impl Wanted {
    /// The filter that it is, with the mock that a field names.
    pub(super) fn filter(self, of: OfMock) -> Result<LogFilter, Problem> {
        let mut fields = Fields::default();
        let mock = of.mock_id.map(|id| fields.parse("mockId", &id));
        let filter = self.read(&mut fields, mock.flatten());
        fields.finish(Some(filter))
    }

    /// The same for a mock that is known.
    pub(super) fn filter_of(self, mock: MockId) -> Result<LogFilter, Problem> {
        let mut fields = Fields::default();
        let filter = self.read(&mut fields, Some(mock));
        fields.finish(Some(filter))
    }

    fn read(self, fields: &mut Fields, mock: Option<MockId>) -> LogFilter {
        let from = self.from.map(|at| fields.take("from", moment(&at)));
        let before = self.before.map(|at| fields.take("before", moment(&at)));
        let methods = self.method.map(|all| fields.take("method", listed(&all)));
        let statuses = self.status.map(|all| fields.take("status", listed(&all)));
        let path = self.path.map(|path| fields.parse("path", &path));
        let response = self.response_id.map(|id| fields.parse("responseId", &id));
        let text = self.q.map(|text| fields.parse("q", &text));
        LogFilter {
            from: from.flatten(),
            before: before.flatten(),
            methods: methods.flatten().unwrap_or_default(),
            statuses: statuses.flatten().unwrap_or_default(),
            path: path.flatten(),
            matched: self.matched,
            mock,
            response: response.flatten(),
            text: text.flatten(),
        }
    }
}

/// How far somebody may page by number: behind that, each page takes longer than the one before it.
const OFFSET_MAX: i64 = 100_000;

/// The part of a list that is asked for.
pub(super) fn part(page: PageQuery, cursor: Cursor) -> Result<(Page, Option<LogId>), Problem> {
    let page = Page::try_from(page)?;
    if page.offset() > OFFSET_MAX {
        let why = format!("pages end after {OFFSET_MAX} requests: go on with `cursor`");
        return Err(Problem::of_field("page", &Refusal(why)));
    }
    let cursor = cursor.cursor.map(|id| id.parse()).transpose();
    let cursor = cursor.map_err(|refusal| Problem::of_field("cursor", &refusal))?;
    Ok((page, cursor))
}
