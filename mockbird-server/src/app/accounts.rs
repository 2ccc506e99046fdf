//! Signing up, and logging in with a password.

use serde_json::json;

use super::actor::Deed;
use super::organizations::slug_taken;
use super::slugs::OrganizationSlugs;
use super::{Actor, App, AppError, Tokens, Visitor, Who, plan};
use crate::auth::evenly;
use crate::config::Registration;
use crate::domain::{
    Email, HashedPassword, Name, OrganizationId, Password, PlainToken, Purpose, Role, Slug, UserId,
};
use crate::mail::Letter;
use crate::store::{Constraint, NewOrganization, NewUser, Organization, StoreError, Tx, User};

/// An account to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Where it gets mail.
    pub email: Email,
    /// What it will log in with.
    pub password: Password,
    /// What it is called.
    pub name: Option<Name>,
}

/// Somebody who came in.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Who.
    pub user: User,
    /// Where it starts; absent if it belongs nowhere.
    pub organization: Option<Organization>,
    /// What it comes in with from now on.
    pub tokens: Tokens,
}

/// What became of who signed up.
#[derive(Clone, Debug)]
pub enum Registered {
    /// It is in.
    Entered(Box<Entered>),
    /// A mail is on its way, which says how to go on.
    Mailed,
}

/// Somebody whose password was checked.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Who.
    pub(super) user: User,
    /// The password, as it was kept then.
    pub(super) hash: HashedPassword,
}

impl App {
    /// Makes an account with an organization of its own, and logs it in; or, where addresses must be proved, mails a link,
    /// and does not tell whether there was such an account. An invitation lets in whom the operator does not, and proves
    /// its address; it is still to be accepted.
    pub async fn register(
        &self,
        account: &NewAccount,
        invitation: Option<&PlainToken>,
        visitor: &Visitor,
    ) -> Result<Registered, AppError> {
        let now = self.clock().now();
        self.throttles().register.ask(visitor.ip, now).await?;
        match invitation {
            Some(token) => self.invitation_shown(&account.email, token).await?,
            None => self.may_register(&account.email)?,
        }
        if self.config().auth.verify_email && invitation.is_none() {
            self.mail_throttle(&account.email, visitor).await?;
            evenly(self.register_by_mail(account, visitor)).await?;
            return Ok(Registered::Mailed);
        }
        let (mut tx, id) = self.account_insert(account, visitor).await?;
        if invitation.is_some() {
            // Who has the token reads the mail of the address.
            tx.user_verify(id, self.clock().now()).await?;
        }
        let tokens = self.session_begin(&mut tx, id, visitor).await?;
        let (user, organization) = found(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Registered::Entered(Box::new(Entered {
            user,
            organization,
            tokens,
        })))
    }

    /// An account that is there stays as it is: whoever can read its mail is told.
    async fn register_by_mail(
        &self,
        account: &NewAccount,
        visitor: &Visitor,
    ) -> Result<(), AppError> {
        let email = &account.email;
        let (mut tx, unproved) = match self.account_insert(account, visitor).await {
            Ok((tx, id)) => (tx, Some(id)),
            Err(AppError::EmailTaken) => {
                let mut tx = self.store().begin().await?;
                let user = tx.user_by_email(email).await?;
                let Some(user) = user.filter(|user| user.is_active) else {
                    return Ok(());
                };
                let unproved = user.email_verified_at.is_none().then_some(user.id);
                (tx, unproved)
            }
            Err(error) => return Err(error),
        };
        if let Some(id) = unproved {
            self.link_mail(&mut tx, id, email, Purpose::VerifyEmail)
                .await?;
        } else {
            let mail = Letter::AccountExists.to(email);
            tx.mail_insert(&mail, self.clock().now()).await?;
        }
        Ok(tx.commit().await?)
    }

    fn may_register(&self, email: &Email) -> Result<(), AppError> {
        let auth = &self.config().auth;
        if auth.registration == Registration::Closed {
            let why = "nobody can sign up here: ask for an invitation";
            return Err(AppError::Forbidden(why));
        }
        let domains = &auth.allowed_email_domains;
        if !domains.is_empty() && !domains.iter().any(|domain| domain == email.domain()) {
            let why = "nobody can sign up here with an address of this domain";
            return Err(AppError::Forbidden(why));
        }
        Ok(())
    }

    /// Makes an account whose address is proved.
    pub(super) async fn proved_account(
        &self,
        account: &NewAccount,
        visitor: &Visitor,
    ) -> Result<UserId, AppError> {
        let (mut tx, id) = self.account_insert(account, visitor).await?;
        tx.user_verify(id, self.clock().now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes an account, in a transaction that is the caller's to commit. If the slug of its organization is taken, another
    /// one is tried.
    pub(super) async fn account_insert(
        &self,
        account: &NewAccount,
        visitor: &Visitor,
    ) -> Result<(Tx, UserId), AppError> {
        let hash = self.passwords().hash(&account.password).await?;
        let name = account.name.as_ref().map(Name::as_str);
        let mut slugs = OrganizationSlugs::of_name(name.unwrap_or(local_part(&account.email)));
        loop {
            let slug = slugs.next(self).await?;
            match self.account_try(account, &hash, slug, visitor).await {
                Err(AppError::SlugTaken(_)) => {}
                done => return done,
            }
        }
    }

    async fn account_try(
        &self,
        account: &NewAccount,
        hash: &HashedPassword,
        slug: Slug,
        visitor: &Visitor,
    ) -> Result<(Tx, UserId), AppError> {
        let now = self.clock().now();
        let user = new_user(account, UserId::new(now));
        let name = account.name.as_ref().map(Name::as_str);
        let organization = NewOrganization {
            id: OrganizationId::new(now),
            name: name.unwrap_or(local_part(&account.email)).to_owned(),
            slug,
            plan: plan::OF_NEW,
            is_personal: true,
            created_by: user.id,
        };
        let actor = Actor {
            who: Who::User(user.id),
            visitor: visitor.clone(),
        };
        let deed = Deed {
            action: "user.registered",
            kind: "user",
            id: user.id.to_string(),
        };
        let changes = json!({ "after": { "email": user.email.as_str() } });
        let mut tx = self.store().begin().await?;
        tx.user_insert(&user, now)
            .await
            .map_err(|error| match error {
                StoreError::Taken(Constraint::UserEmail) => AppError::EmailTaken,
                other => other.into(),
            })?;
        tx.credential_put(user.id, hash, now).await?;
        tx.organization_insert(&organization, now)
            .await
            .map_err(|error| slug_taken(error, &organization.slug))?;
        tx.member_insert(organization.id, user.id, Role::Owner, None, now)
            .await?;
        tx.audit_insert(&actor.entry(organization.id, deed, &changes, now))
            .await?;
        Ok((tx, user.id))
    }

    /// Logs in with a password. An address without an account is refused like a wrong password, and as late.
    pub async fn login(
        &self,
        email: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<Entered, AppError> {
        let known = self.password_check(email, password, visitor).await?;
        if self.config().auth.verify_email && known.user.email_verified_at.is_none() {
            return Err(AppError::EmailNotVerified);
        }
        let mut tx = self.store().begin().await?;
        let entered = self.enter(&mut tx, &known, visitor).await?;
        tx.commit().await?;
        Ok(entered)
    }

    /// Whose address and password these are.
    pub(super) async fn password_check(
        &self,
        email: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<Known, AppError> {
        let (throttles, now) = (self.throttles(), self.clock().now());
        throttles.login_address.ask(visitor.ip, now).await?;
        let user = match email.parse::<Email>() {
            Ok(email) => {
                throttles.login_account.ask(email.as_str(), now).await?;
                self.store().read().await?.user_by_email(&email).await?
            }
            Err(_) => None,
        };
        let kept = match &user {
            Some(user) => self.store().read().await?.credential_get(user.id).await?,
            None => None,
        };
        // No connection is held meanwhile: a hash takes long.
        let right = self.passwords().verify(password, kept.clone()).await?;
        let known = user.zip(kept).filter(|_| right);
        let (user, hash) = known.ok_or(AppError::WrongLogin)?;
        if !user.is_active {
            return Err(AppError::Forbidden("this account was shut by the operator"));
        }
        Ok(Known { user, hash })
    }

    /// Begins a session for somebody whose password was checked, unless it was changed meanwhile.
    pub(super) async fn enter(
        &self,
        tx: &mut Tx,
        known: &Known,
        visitor: &Visitor,
    ) -> Result<Entered, AppError> {
        let id = known.user.id;
        if !tx.credential_hold(id, &known.hash).await? {
            return Err(AppError::WrongLogin);
        }
        if tx.device_is_new(id, &visitor.device()).await? {
            let address = visitor.address();
            let letter = Letter::NewDevice {
                device: visitor.user_agent.as_deref().unwrap_or("unknown"),
                address: address.as_deref().unwrap_or("unknown"),
            };
            tx.mail_insert(&letter.to(&known.user.email), self.clock().now())
                .await?;
        }
        let tokens = self.session_begin(tx, id, visitor).await?;
        let (user, organization) = found(tx, id).await?;
        Ok(Entered {
            user,
            organization,
            tokens,
        })
    }

    /// A user, and where it starts.
    pub async fn account(&self, user: UserId) -> Result<(User, Option<Organization>), AppError> {
        found(&mut self.store().snapshot().await?, user).await
    }
}

async fn found(
    conn: &mut crate::store::Conn,
    user: UserId,
) -> Result<(User, Option<Organization>), AppError> {
    let organization = conn.organization_of_user(user).await?;
    let user = conn.user_get(user).await?;
    Ok((user.ok_or(AppError::NotFound("user"))?, organization))
}

/// Its name is kept in two parts, the last word being the second.
fn new_user(account: &NewAccount, id: UserId) -> NewUser {
    let name = account.name.as_ref().map(Name::as_str);
    let (first, last) = match name.map(|name| name.rsplit_once(' ')) {
        Some(Some((first, last))) => (Some(first), Some(last)),
        _ => (name, None),
    };
    NewUser {
        id,
        email: account.email.clone(),
        name: None,
        first_name: first.map(str::to_owned),
        last_name: last.map(str::to_owned),
    }
}

fn local_part(email: &Email) -> &str {
    email
        .as_str()
        .rsplit_once('@')
        .map_or("", |(local, _)| local)
}
