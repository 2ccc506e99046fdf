//! API keys, as hashes.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{
    HashedToken, KeyId, Millis, OrganizationId, Page, Paged, Permission, Permissions, ProjectId,
    UserId,
};

row! {
    /// A key that programs come in with.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ApiKey {
        /// Its id.
        pub id: KeyId = "key_id",
        /// Whose it is.
        pub organization: OrganizationId = "organization_id",
        /// The one project it is for; absent: all of the organization.
        pub project: Option<ProjectId> = "project_id",
        /// What it is called.
        pub name: String = "name",
        /// Its first characters, by which its owner knows it.
        pub prefix: String = "key_prefix",
        /// What it may do.
        pub permissions: Permissions = "permissions",
        /// Who made it.
        pub created_by: UserId = "created_by",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last used, give or take a minute.
        pub last_used_at: Option<Millis> = "last_used_at",
        /// When it ends; absent: never.
        pub expires_at: Option<Millis> = "expires_at",
    }
}

row! {
    /// What opens a private project to calls.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CallKey {
        /// Its hash.
        pub hash: HashedToken = "key_hash",
        /// When it ends; absent: never.
        pub expires_at: Option<Millis> = "expires_at",
        /// What else it may do.
        pub permissions: Permissions = "permissions",
    }
}

/// A key to be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its hash.
    pub hash: HashedToken,
    /// Its first characters.
    pub prefix: String,
    /// Whose it will be.
    pub organization: OrganizationId,
    /// The one project it is for.
    pub project: Option<ProjectId>,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub permissions: Permissions,
    /// Who makes it.
    pub created_by: UserId,
    /// When it ends.
    pub expires_at: Option<Millis>,
}

/// The columns of [`ApiKey`], of keys that were not revoked, for the statements below.
macro_rules! select_key {
    ($rest:literal) => {
        concat!(
            "select key_id, api_keys.organization_id, project_id, name, key_prefix, permissions, \
             api_keys.created_by, api_keys.created_at, last_used_at, expires_at from api_keys \
             join organization on organization.organization_id = api_keys.organization_id \
             where api_keys.is_active and revoked_at is null and deleted_at is null and ",
            $rest
        )
    };
}

impl Conn {
    /// The key with this hash, whosever it is, unless it was revoked: for who presents it.
    pub async fn api_key_by_hash(&mut self, hash: &HashedToken) -> Result<Option<ApiKey>> {
        const SQL: &str = select_key!("key_hash = $1");
        on!(self, link => query_as(SQL).bind(hash.as_str()).fetch_optional(link).await)
    }

    /// The organization's key of this id, unless it was revoked.
    pub async fn api_key_get(
        &mut self,
        organization: OrganizationId,
        id: KeyId,
    ) -> Result<Option<ApiKey>> {
        const SQL: &str = select_key!("api_keys.organization_id = $1 and key_id = $2");
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)
    }

    /// A page of the keys of an organization that were not revoked, the latest first.
    pub async fn api_key_list(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<ApiKey>> {
        const COUNT: &str = "select count(*) from api_keys \
             where is_active and revoked_at is null and organization_id = $1";
        const SQL: &str = select_key!(
            "api_keys.organization_id = $1 order by api_keys.created_at desc, key_id desc limit $2 offset $3"
        );
        let id = organization.to_string();
        let (total,): (i64,) =
            on!(self, link => query_as(COUNT).bind(id.as_str()).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(id.as_str())
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }
}

impl Conn {
    /// The keys that open this project of the organization to calls of its mocks.
    pub async fn call_key_list(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Result<Vec<CallKey>> {
        const SQL: &str = "select key_hash, expires_at, permissions from api_keys \
             where is_active and revoked_at is null and organization_id = $1 \
             and (project_id is null or project_id = $2)";
        let mut keys: Vec<CallKey> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(project.to_string())
            .fetch_all(link)
            .await)?;
        keys.retain(|key| key.permissions.contains(Permission::MocksCall));
        Ok(keys)
    }
}

impl Tx {
    /// Adds a key.
    pub async fn api_key_insert(&mut self, new: &NewApiKey, now: Millis) -> Result<()> {
        const SQL: &str = "insert into api_keys (key_id, key_hash, key_prefix, name, organization_id, project_id, \
             created_by, permissions, expires_at, is_active, created_at, version) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, $10, 1)";
        execute!(
            self,
            query(SQL)
                .bind(new.id.to_string())
                .bind(new.hash.as_str())
                .bind(new.prefix.as_str())
                .bind(new.name.as_str())
                .bind(new.organization.to_string())
                .bind(new.project.map(|id| id.to_string()))
                .bind(new.created_by.to_string())
                .bind(new.permissions.to_string())
                .bind(new.expires_at.map(|at| at.0))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Notes that the key was used.
    pub async fn api_key_used(&mut self, id: KeyId, now: Millis) -> Result<()> {
        const SQL: &str = "update api_keys set last_used_at = $1 where key_id = $2";
        execute!(self, query(SQL).bind(now.0).bind(id.to_string()))?;
        Ok(())
    }

    /// Ends a key of the organization. False if it has no such key.
    pub async fn api_key_revoke(
        &mut self,
        organization: OrganizationId,
        id: KeyId,
        now: Millis,
    ) -> Result<bool> {
        const SQL: &str = "update api_keys set revoked_at = $1, is_active = false, version = version + 1 \
             where organization_id = $2 and key_id = $3 and revoked_at is null";
        let changed = execute!(
            self,
            query(SQL)
                .bind(now.0)
                .bind(organization.to_string())
                .bind(id.to_string())
        )?;
        Ok(changed == 1)
    }
}
