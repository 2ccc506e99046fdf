//! Which slugs are taken, and what is free near them.

use sqlx::query_as;

use super::conn::on;
use super::{Conn, Result};
use crate::domain::{Slug, SlugStem};

/// Whose slugs: each kind has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlugOf {
    /// Projects.
    Project,
    /// Organizations.
    Organization,
}

impl Conn {
    /// Whether something has this slug, even if it was deleted.
    pub async fn slug_taken(&mut self, of: SlugOf, slug: &Slug) -> Result<bool> {
        let sql = match of {
            SlugOf::Project => "select count(*) from projects where project_slug = $1",
            SlugOf::Organization => "select count(*) from organization where slug = $1",
        };
        let (count,): (i64,) =
            on!(self, link => query_as(sql).bind(slug.as_str()).fetch_one(link).await)?;
        Ok(count > 0)
    }

    /// A free slug and its number, which is at least `from`: the first one, or the one after one that is taken. However many
    /// are taken, few are asked for.
    pub async fn slug_near(
        &mut self,
        of: SlugOf,
        stem: &SlugStem,
        from: u32,
    ) -> Result<(Slug, u32)> {
        let (mut taken, mut step) = (from.saturating_sub(1), 1_u32);
        let (mut free, mut number) = loop {
            let number = taken.saturating_add(step);
            if let Some(slug) = self.slug_free(of, stem, number).await? {
                break (slug, number);
            }
            (taken, step) = (number, step.saturating_mul(2));
        };
        while number - taken > 1 {
            let middle = taken.midpoint(number);
            match self.slug_free(of, stem, middle).await? {
                Some(slug) => (free, number) = (slug, middle),
                None => taken = middle,
            }
        }
        Ok((free, number))
    }

    async fn slug_free(
        &mut self,
        of: SlugOf,
        stem: &SlugStem,
        number: u32,
    ) -> Result<Option<Slug>> {
        let Some(slug) = stem.nth(number) else {
            return Ok(None);
        };
        let is_taken = self.slug_taken(of, &slug).await?;
        Ok((!is_taken).then_some(slug))
    }
}
