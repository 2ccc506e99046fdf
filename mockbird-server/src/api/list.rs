//! Lists: one part at a time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use crate::domain::{Page, Paged};

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Which page, from 1.
    #[param(minimum = 1, maximum = 2_147_483_647, default = 1)]
    pub page: Option<u32>,
    /// The most elements of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
}

impl TryFrom<PageQuery> for Page {
    type Error = Problem;

    fn try_from(query: PageQuery) -> Result<Self, Problem> {
        let field = if query
            .page
            .is_some_and(|page| !(1..=Self::NUMBER_MAX).contains(&page))
        {
            "page"
        } else {
            "limit"
        };
        Self::new(query.page, query.limit).map_err(|refusal| Problem::of_field(field, &refusal))
    }
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The elements of this page.
    items: Vec<T>,
    /// Which page it is, from 1.
    page: u32,
    /// The most elements of a page.
    limit: u32,
    /// How many elements all pages have.
    total: u64,
}

impl<T> From<Paged<T>> for List<T> {
    fn from(paged: Paged<T>) -> Self {
        Self {
            items: paged.items,
            page: paged.page.number(),
            limit: paged.page.limit(),
            total: paged.total,
        }
    }
}
