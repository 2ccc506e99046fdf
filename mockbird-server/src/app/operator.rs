//! What only the operator does, at the command line: it needs no login and no rank.

use serde_json::json;

use super::actor::Deed;
use super::commit::News;
use super::demo::demo_spec;
use super::{Actor, App, AppError, NewAccount, Visitor};
use crate::domain::{
    Email, Millis, Month, Name, OrganizationId, Password, Plan, ProjectId, Role, Slug, UserId,
};
use crate::mock_plane::notify;
use crate::store::{NewProject, StoreError, Tx, User, Written};

/// What an operator stops, and lets go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stoppable {
    /// Nobody comes in as this user, nor by its invitations; its keys are the organization's, and go on.
    User(Email),
    /// It can be read, but not changed, and its mocks are at rest.
    Organization(Slug),
    /// Its mocks are at rest.
    Project(Slug),
}

/// Who is in the example, and as what.
const EXAMPLE: [(&str, &str, Role); 4] = [
    ("olga@example.com", "Olga Owner", Role::Owner),
    ("adam@example.com", "Adam Admin", Role::Admin),
    ("mina@example.com", "Mina Member", Role::Member),
    ("vera@example.com", "Vera Viewer", Role::Viewer),
];

impl App {
    /// Makes an account, even where nobody may sign up. Its address counts as proved.
    pub async fn operator_account(&self, account: &NewAccount) -> Result<UserId, AppError> {
        self.proved_account(account, &Visitor::default()).await
    }

    /// Gives a user another password, and ends all sessions, and the links that were mailed before.
    pub async fn operator_password(
        &self,
        email: &Email,
        password: &Password,
    ) -> Result<(), AppError> {
        let hash = self.passwords().hash(password).await?;
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let user = user_of(&mut tx, email).await?;
        tx.credential_put(user.id, &hash, now).await?;
        lock_out(&mut tx, user.id, now).await?;
        Actor::operator()
            .user_audit(&mut tx, user.id, "user.password_reset", now)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Makes a user an owner of an organization, whether it is a member or not.
    pub async fn operator_owner(&self, email: &Email, slug: &Slug) -> Result<(), AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let user = user_of(&mut tx, email).await?.id;
        let organization = organization_of(&mut tx, slug).await?;
        match tx.member_get(organization, user).await? {
            None => {
                tx.member_insert(organization, user, Role::Owner, None, now)
                    .await?;
            }
            Some(_) => tx.member_role_set(organization, user, Role::Owner).await?,
        }
        let changes = json!({ "after": { "role": Role::Owner.name() } });
        let deed = Deed {
            action: "member.role_changed",
            kind: "member",
            id: user.to_string(),
        };
        tx.audit_insert(&Actor::operator().entry(organization, deed, &changes, now))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Stops something, or lets it go on. Servers that run follow within about a second.
    pub async fn operator_suspend(
        &self,
        what: &Stoppable,
        suspended: bool,
    ) -> Result<(), AppError> {
        match what {
            Stoppable::User(email) => self.user_suspend(email, suspended).await,
            Stoppable::Project(slug) => self.project_suspend(slug, suspended).await,
            Stoppable::Organization(slug) => {
                let mut read = self.store().read().await?;
                let found = read.organization_id_of_slug(slug).await?;
                drop(read);
                let id = found.ok_or(AppError::NotFound("organization"))?;
                self.organization_suspend(id, suspended, &Actor::operator())
                    .await?;
                Ok(())
            }
        }
    }

    async fn user_suspend(&self, email: &Email, suspended: bool) -> Result<(), AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let user = user_of(&mut tx, email).await?.id;
        tx.user_activate(user, !suspended, now).await?;
        let action = if suspended {
            lock_out(&mut tx, user, now).await?;
            tx.invitation_revoke_everywhere(user, now).await?;
            "user.suspended"
        } else {
            "user.resumed"
        };
        Actor::operator()
            .user_audit(&mut tx, user, action, now)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn project_suspend(&self, slug: &Slug, suspended: bool) -> Result<(), AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let project = tx.project_by_slug(slug.as_str()).await?;
        let project = project.ok_or(AppError::NotFound("project"))?;
        tx.project_suspend(project.id, suspended.then_some(now), now)
            .await?;
        let action = if suspended {
            "project.suspended"
        } else {
            "project.resumed"
        };
        let deed = Deed {
            action,
            kind: "project",
            id: project.id.to_string(),
        };
        tx.audit_insert(&Actor::operator().entry(project.organization, deed, &json!({}), now))
            .await?;
        self.commit(tx, News::Forget(vec![slug.to_string()])).await
    }

    /// Gives an organization another plan, which holds at once: what it has used this month counts, whatever plan it had then.
    /// Servers that run follow within about a second.
    pub async fn operator_plan(&self, slug: &Slug, plan: Plan) -> Result<(), AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let id = organization_of(&mut tx, slug).await?;
        let before = tx.organization_lock(id).await?;
        let before = before.ok_or(AppError::NotFound("organization"))?.plan;
        tx.organization_plan_set(id, plan, now).await?;
        let changes =
            json!({ "before": { "plan": before.name() }, "after": { "plan": plan.name() } });
        let deed = Deed {
            action: "organization.plan_changed",
            kind: "organization",
            id: id.to_string(),
        };
        tx.audit_insert(&Actor::operator().entry(id, deed, &changes, now))
            .await?;
        let month = Month::of(now);
        // Of the new plan, the owners were told nothing.
        tx.usage_notice_set(id, month, 0).await?;
        let total = Written {
            organization: id,
            plan,
            month,
            used: tx.usage_get(id, month).await?,
            noticed: 0,
        };
        notify(&mut tx, &total, now).await?;
        self.commit_and_forget(tx, id).await
    }

    /// Makes an example to try things with: an organization with a member of each role, who all have this password, and
    /// a project. Gives the addresses of the members and the slug of the project.
    pub async fn operator_example(
        &self,
        password: &Password,
    ) -> Result<(Vec<&'static str>, Slug), AppError> {
        self.example_is_new().await?;
        let mut users = Vec::with_capacity(EXAMPLE.len());
        for (email, name, role) in EXAMPLE {
            let account = NewAccount {
                email: constant(email)?,
                password: password.clone(),
                name: Some(constant(name)?),
            };
            users.push((self.operator_account(&account).await?, role));
        }
        let name: Name = constant("Example Birds")?;
        let owner = users.remove(0).0;
        let organization = self
            .organization_create(owner, &name, None, &Actor::operator())
            .await?;
        let slug = self.example_project(organization.id, &users).await?;
        Ok((EXAMPLE.map(|(email, ..)| email).to_vec(), slug))
    }

    /// Refuses an example of which somebody is there already, before anything is made.
    async fn example_is_new(&self) -> Result<(), AppError> {
        let mut read = self.store().read().await?;
        for (email, ..) in EXAMPLE {
            if read.user_by_email(&constant(email)?).await?.is_some() {
                return Err(AppError::EmailTaken);
            }
        }
        Ok(())
    }

    async fn example_project(
        &self,
        organization: OrganizationId,
        members: &[(UserId, Role)],
    ) -> Result<Slug, AppError> {
        let now = self.clock().now();
        let slug = Slug::of_name("example-birds").numbered(fastrand::u32(1_000..1_000_000));
        let project = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Birds".to_owned(),
            slug: slug.clone(),
            created_by: None,
        };
        let spec = demo_spec().ok_or_else(|| broken("the example has no spec"))?;
        let mut tx = self.store().begin().await?;
        for (user, role) in members {
            tx.member_insert(organization, *user, *role, None, now)
                .await?;
        }
        tx.project_insert(&project, now).await?;
        tx.project_spec_save(organization, project.id, &spec, None, now)
            .await?;
        tx.commit().await?;
        Ok(slug)
    }
}

/// Ends all that lets somebody in as the user without the password.
async fn lock_out(tx: &mut Tx, user: UserId, now: Millis) -> Result<(), AppError> {
    tx.session_revoke_all(user, now).await?;
    Ok(tx.token_use_all(user, now).await?)
}

async fn user_of(tx: &mut Tx, email: &Email) -> Result<User, AppError> {
    let user = tx.user_by_email(email).await?;
    user.ok_or(AppError::NotFound("user"))
}

async fn organization_of(tx: &mut Tx, slug: &Slug) -> Result<OrganizationId, AppError> {
    let organization = tx.organization_id_of_slug(slug).await?;
    organization.ok_or(AppError::NotFound("organization"))
}

/// A value of ours that is well-formed.
fn constant<T: std::str::FromStr>(text: &str) -> Result<T, AppError> {
    text.parse().map_err(|_| broken(text))
}

fn broken(what: &str) -> AppError {
    AppError::Store(StoreError::Corrupt(what.to_owned()))
}
