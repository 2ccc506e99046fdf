//! Slugs: whether one is free, and what is near it and free.

use super::{App, AppError};
use crate::domain::{Refusal, Slug, SlugStem};
use crate::store::SlugOf;

/// How many suggestions are made.
const SUGGESTIONS: usize = 3;

/// What is known of a slug that somebody thinks of.
#[derive(Clone, Debug)]
pub struct SlugReport {
    /// Why nobody can have it; absent if it is one.
    pub refusal: Option<Refusal>,
    /// Whether a project can be given it.
    pub is_free: bool,
    /// Others that are free and near.
    pub suggestions: Vec<Slug>,
}

impl App {
    /// Whether a project can be given this slug, and what is near it.
    pub async fn slug_report(&self, text: &str) -> Result<SlugReport, AppError> {
        let wished: Result<Slug, Refusal> = text.parse();
        let mut read = self.store().read().await?;
        let is_free = match &wished {
            Ok(slug) => !read.slug_taken(SlugOf::Project, slug).await?,
            Err(_) => false,
        };
        drop(read);
        let suggestions = if is_free {
            Vec::new()
        } else {
            self.slugs_near(text, SUGGESTIONS).await?
        };
        Ok(SlugReport {
            refusal: wished.err(),
            is_free,
            suggestions,
        })
    }

    /// Free slugs that a name suggests, so many.
    async fn slugs_near(&self, name: &str, most: usize) -> Result<Vec<Slug>, AppError> {
        let stem = SlugStem::of_name(name);
        let mut read = self.store().read().await?;
        let mut found = Vec::with_capacity(most);
        let mut from = 1;
        while found.len() < most {
            let (slug, number) = read.slug_near(SlugOf::Project, &stem, from).await?;
            found.push(slug);
            from = number + 1;
        }
        Ok(found)
    }

    /// What is said to somebody who wants a slug that is taken.
    pub(super) async fn slug_taken(&self, slug: Slug) -> Result<AppError, AppError> {
        let mut near = self.slugs_near(slug.as_str(), 1).await?;
        Ok(match near.pop() {
            Some(free) => AppError::ProjectSlugTaken(slug, free),
            None => AppError::SlugTaken(slug),
        })
    }
}

/// The free slugs that a name suggests, in turn: somebody else may be given one before it is used.
pub(super) struct OrganizationSlugs {
    stem: SlugStem,
    from: u32,
}

impl OrganizationSlugs {
    pub(super) fn of_name(name: &str) -> Self {
        let stem = SlugStem::of_name(name);
        Self { stem, from: 1 }
    }

    pub(super) async fn next(&mut self, app: &App) -> Result<Slug, AppError> {
        let mut read = app.store().read().await?;
        let found = read.slug_near(SlugOf::Organization, &self.stem, self.from);
        let (slug, number) = found.await?;
        self.from = number + 1;
        Ok(slug)
    }
}
