//! Where mocks stand: of those equal in all else, the first one answers.

use sqlx::{QueryBuilder, query_as};

use super::conn::on;
use super::mocks::ROWS_MAX;
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{MockId, ProjectId};

/// How far mocks stand apart, so that others can be put in between.
pub const POSITION_STEP: i64 = 1 << 20;

row! {
    /// Where a mock stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MockPlace {
        /// Its id.
        pub id: MockId = "mock_id",
        /// Its position.
        pub position: i64 = "position",
    }
}

impl Conn {
    /// Where the mocks of a project stand, in their order.
    pub async fn mock_places(&mut self, project: ProjectId) -> Result<Vec<MockPlace>> {
        const SQL: &str =
            "select mock_id, position from mocks where project_id = $1 order by position, mock_id";
        on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)
    }

    /// The last position of a project.
    pub async fn mock_last_position(&mut self, project: ProjectId) -> Result<Option<i64>> {
        const SQL: &str = "select max(position) from mocks where project_id = $1";
        let (last,): (Option<i64>,) = on!(self, link => query_as(SQL)
            .bind(project.to_string())
            .fetch_one(link)
            .await)?;
        Ok(last)
    }

    /// The nearest positions before and after one of a project, leaving out the mock that is about to move.
    pub async fn mock_neighbours(
        &mut self,
        project: ProjectId,
        position: i64,
        moving: Option<MockId>,
    ) -> Result<(Option<i64>, Option<i64>)> {
        const SQL: &str = "select \
             (select max(position) from mocks where project_id = $1 and position < $2 and ($3 is null or mock_id <> $3)), \
             (select min(position) from mocks where project_id = $1 and position > $2 and ($3 is null or mock_id <> $3))";
        on!(self, link => query_as(SQL)
            .bind(project.to_string())
            .bind(position)
            .bind(moving.map(|id| id.to_string()))
            .fetch_one(link)
            .await)
    }
}

impl Tx {
    /// Gives mocks of a project other positions.
    pub async fn mock_move_all(&mut self, project: ProjectId, places: &[MockPlace]) -> Result<()> {
        for places in places.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = QueryBuilder::new("with moved (mock_id, position) as (");
                statement.push_values(places, |mut row, place| {
                    row.push_bind(place.id.to_string()).push_bind(place.position);
                });
                statement.push(
                    ") update mocks set position = moved.position from moved \
                     where mocks.mock_id = moved.mock_id and mocks.project_id = ",
                );
                statement.push_bind(project.to_string());
                statement.build().execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}
