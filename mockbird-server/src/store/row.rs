//! Rows as types.

/// Defines a struct that a row of either engine becomes: each field is the column of its name, or of
/// the name behind `=`, through [`Column`](super::column::Column).
macro_rules! row {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$doc:meta])* $field_visibility:vis $field:ident: $type:ty = $column:literal,)*
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$doc])* $field_visibility $field: $type,)*
        }

        $crate::store::row::row!(@impl sqlx::postgres::PgRow, $name, $($field: $type = $column,)*);
        $crate::store::row::row!(@impl sqlx::sqlite::SqliteRow, $name, $($field: $type = $column,)*);
    };
    (@impl $row:ty, $name:ident, $($field:ident: $type:ty = $column:literal,)*) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> sqlx::Result<Self> {
                Ok(Self {
                    $($field: {
                        let raw: <$type as $crate::store::column::Column>::Raw = sqlx::Row::try_get(row, $column)?;
                        <$type as $crate::store::column::Column>::of_raw(raw).map_err(|why| {
                            sqlx::Error::ColumnDecode { index: $column.to_owned(), source: why.into() }
                        })?
                    },)*
                })
            }
        }
    };
}

pub(super) use row;

/// Two of them in one row.
pub(super) struct Beside<A, B>(pub(super) A, pub(super) B);

impl<'r, R, A, B> sqlx::FromRow<'r, R> for Beside<A, B>
where
    R: sqlx::Row,
    A: sqlx::FromRow<'r, R>,
    B: sqlx::FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self(A::from_row(row)?, B::from_row(row)?))
    }
}
