//! Users.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Email, Millis, UserId};

row! {
    /// Somebody with an account.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct User {
        /// Its id.
        pub id: UserId = "user_id",
        /// Where it gets mail.
        pub email: Email = "email",
        /// What it is called.
        pub name: Option<String> = "user_name",
        /// A first name.
        pub first_name: Option<String> = "first_name",
        /// A last name.
        pub last_name: Option<String> = "last_name",
        /// False once an operator shut it out.
        pub is_active: bool = "is_active",
        /// When the address was proved.
        pub email_verified_at: Option<Millis> = "email_verified_at",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

impl User {
    /// Both names, if there is one.
    pub fn full_name(&self) -> Option<String> {
        full_name(self.first_name.as_deref(), self.last_name.as_deref())
    }
}

/// Both names with a space between them, if there is one.
pub(super) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<_> = first.into_iter().chain(last).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// A user to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Where it gets mail.
    pub email: Email,
    /// What it is called: unique.
    pub name: Option<String>,
    /// A first name.
    pub first_name: Option<String>,
    /// A last name.
    pub last_name: Option<String>,
}

/// The columns of [`User`], for the statements below.
macro_rules! select_user {
    ($rest:literal) => {
        concat!(
            "select user_id, email, user_name, first_name, last_name, is_active, email_verified_at, created_at, \
             updated_at, version from users where deleted_at is null and ",
            $rest
        )
    };
}

impl Conn {
    /// The user of this id.
    pub async fn user_get(&mut self, id: UserId) -> Result<Option<User>> {
        const SQL: &str = select_user!("user_id = $1");
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// The user with this address.
    pub async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>> {
        const SQL: &str = select_user!("email = $1");
        on!(self, link => query_as(SQL).bind(email.as_str()).fetch_optional(link).await)
    }
}

impl Tx {
    /// Adds a user.
    ///
    /// # Errors
    /// [`Constraint::UserEmail`](super::Constraint::UserEmail) and
    /// [`Constraint::UserName`](super::Constraint::UserName) are taken.
    pub async fn user_insert(&mut self, user: &NewUser, now: Millis) -> Result<()> {
        const SQL: &str = "insert into users (user_id, email, user_name, first_name, last_name, is_active, \
             created_at, version) values ($1, $2, $3, $4, $5, true, $6, 1)";
        execute!(
            self,
            query(SQL)
                .bind(user.id.to_string())
                .bind(user.email.as_str())
                .bind(user.name.as_deref())
                .bind(user.first_name.as_deref())
                .bind(user.last_name.as_deref())
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Notes that the user's address was proved, unless it was before.
    pub async fn user_verify(&mut self, id: UserId, now: Millis) -> Result<()> {
        const SQL: &str = "update users set email_verified_at = $1, updated_at = $1, version = version + 1 \
             where user_id = $2 and email_verified_at is null and deleted_at is null";
        execute!(self, query(SQL).bind(now.0).bind(id.to_string()))?;
        Ok(())
    }
}
