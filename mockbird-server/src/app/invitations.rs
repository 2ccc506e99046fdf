//! Invitations into an organization, accepted by whoever reads the mail.

use serde_json::json;

use super::actor::Deed;
use super::links::INVITATION_PAGE;
use super::members::may_give;
use super::{Actor, App, AppError, Entered, NewAccount, Visitor, Who, plan};
use crate::domain::{
    Email, Feature, InvitationId, InvitationStatus, OrganizationId, Page, Paged, PlainToken, Role,
    UserId,
};
use crate::mail::Letter;
use crate::store::{
    Constraint, Invitation, NewInvitation, Organization, Settlement, StoreError, Tx, User,
};

const NO_INVITATION: AppError = AppError::NotFound("invitation");

/// Whom somebody wants to invite, and as what.
#[derive(Clone, Debug)]
pub struct InvitationWish {
    /// Whom.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// What whoever invites is itself.
    pub by: Role,
    /// Who invites.
    pub invited_by: UserId,
}

impl App {
    /// Invites somebody, by mail.
    pub async fn invitation_create(
        &self,
        organization: OrganizationId,
        wish: &InvitationWish,
        actor: &Actor,
    ) -> Result<Invitation, AppError> {
        may_give(wish.by, wish.role)?;
        let now = self.clock().now();
        let throttle = &self.throttles().invitation;
        throttle.ask(&wish.invited_by, now).await?;
        let token = PlainToken::random("mi_");
        let (mut tx, whole) = self.organization_begin(organization).await?;
        plan::require(&whole, Feature::Members)?;
        may_be_invited(&mut tx, organization, &wish.email).await?;
        let new = NewInvitation {
            id: InvitationId::new(now),
            organization,
            email: wish.email.clone(),
            role: wish.role,
            hash: token.hash(),
            invited_by: wish.invited_by,
            expires_at: now.after(self.config().auth.invitation_lifetime),
        };
        tx.invitation_insert(&new, now)
            .await
            .map_err(|error| match error {
                StoreError::Taken(Constraint::OpenInvitation) => AppError::Conflict(
                    "an invitation of this address waits for an answer: revoke it first",
                ),
                other => other.into(),
            })?;
        self.invitation_mail(&mut tx, &whole, &new, &token).await?;
        let changes = json!({ "after": {
            "email": new.email.as_str(),
            "role": new.role.name(),
            "expiresAt": new.expires_at.0,
        }});
        tx.audit_insert(&actor.entry(
            organization,
            deed("invitation.created", new.id),
            &changes,
            now,
        ))
        .await?;
        let made = tx.invitation_get(organization, new.id).await?;
        tx.commit().await?;
        made.ok_or(NO_INVITATION)
    }

    async fn invitation_mail(
        &self,
        tx: &mut Tx,
        organization: &Organization,
        new: &NewInvitation,
        token: &PlainToken,
    ) -> Result<(), AppError> {
        let inviter = tx.user_get(new.invited_by).await?;
        let inviter = inviter.ok_or(AppError::NotFound("user"))?;
        let config = self.config();
        let base = config.listen.base_url();
        let letter = Letter::Invitation {
            organization: &organization.name,
            inviter: inviter.email.as_str(),
            role: new.role.name(),
            link: &format!("{base}{INVITATION_PAGE}?token={}", token.reveal()),
            life: config.auth.invitation_lifetime,
        };
        tx.mail_insert(&letter.to(&new.email), self.clock().now())
            .await?;
        Ok(())
    }

    /// The invitations of an organization; with `open`, only those that are not settled.
    pub async fn invitation_list(
        &self,
        organization: OrganizationId,
        open: bool,
        page: Page,
    ) -> Result<Paged<Invitation>, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.invitation_list(organization, open, page).await?)
    }

    /// Takes an invitation back.
    pub async fn invitation_revoke(
        &self,
        organization: OrganizationId,
        id: InvitationId,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut tx, _) = self.organization_begin(organization).await?;
        let invitation = tx.invitation_get(organization, id).await?;
        let invitation = invitation.ok_or(NO_INVITATION)?;
        self.invitation_settle(&mut tx, &invitation, Settlement::Revoked, actor)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether this is the token of an invitation that waits for the address, and may be accepted.
    pub(super) async fn invitation_shown(
        &self,
        email: &Email,
        token: &PlainToken,
    ) -> Result<(), AppError> {
        let mut read = self.store().read().await?;
        let found = read.invitation_by_hash(&token.hash()).await?;
        let now = self.clock().now();
        let waits = |found: &Invitation| {
            found.email == *email && found.status(now) == InvitationStatus::Pending
        };
        let found = found.filter(waits).ok_or(AppError::Invalid(
            "invitationToken",
            "this is no invitation that waits for the address",
        ))?;
        let organization = read.organization_get(found.organization).await?;
        if organization.is_none_or(|organization| organization.suspended_at.is_some()) {
            return Err(AppError::Suspended);
        }
        Ok(())
    }

    /// Makes the user a member, by the token that was mailed to its address.
    pub async fn invitation_accept(
        &self,
        user: UserId,
        token: &PlainToken,
        actor: &Actor,
    ) -> Result<(Organization, Role), AppError> {
        let now = self.clock().now();
        let (mut tx, organization, invitation) = self.invitation_begin(user, token).await?;
        plan::require(&organization, Feature::Members)?;
        let id = organization.id;
        may_be_invited(&mut tx, id, &invitation.email).await?;
        self.invitation_settle(&mut tx, &invitation, Settlement::Accepted(user), actor)
            .await?;
        // Who has the token reads the mail of the address.
        tx.user_verify(user, now).await?;
        let invited_by = Some(invitation.invited_by);
        tx.member_insert(id, user, invitation.role, invited_by, now)
            .await?;
        tx.commit().await?;
        Ok((organization, invitation.role))
    }

    /// Accepts an invitation for whoever knows the password of its address, and logs it in. Where the address has no account
    /// it gets one, with this password.
    pub async fn invitation_enter(
        &self,
        token: &PlainToken,
        password: &str,
        visitor: &Visitor,
    ) -> Result<(Organization, Entered), AppError> {
        let mut read = self.store().read().await?;
        let found = read.invitation_by_hash(&token.hash()).await?;
        let email = found.ok_or(NO_INVITATION)?.email;
        let user = read.user_by_email(&email).await?;
        drop(read);
        if user.is_none() {
            self.invited_sign_up(email.clone(), token, password, visitor)
                .await?;
        }
        let known = self
            .password_check(email.as_str(), password, visitor)
            .await?;
        let actor = Actor {
            who: Who::User(known.user.id),
            visitor: visitor.clone(),
        };
        let (joined, _) = self.invitation_accept(known.user.id, token, &actor).await?;
        let mut tx = self.store().begin().await?;
        let entered = self.enter(&mut tx, &known, visitor).await?;
        tx.commit().await?;
        Ok((joined, entered))
    }

    /// Makes the account of an address that was invited, which is proved by the token.
    async fn invited_sign_up(
        &self,
        email: Email,
        token: &PlainToken,
        password: &str,
        visitor: &Visitor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        self.throttles().register.ask(visitor.ip, now).await?;
        self.invitation_shown(&email, token).await?;
        let unfit = |refusal| AppError::Refused("password", refusal);
        let password = password.parse().map_err(unfit)?;
        let account = NewAccount {
            email,
            password,
            name: None,
        };
        self.proved_account(&account, visitor).await.map(drop)
    }

    /// Declines an invitation, by the token that was mailed to the address of the user.
    pub async fn invitation_decline(
        &self,
        user: UserId,
        token: &PlainToken,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let (mut tx, _, invitation) = self.invitation_begin(user, token).await?;
        self.invitation_settle(&mut tx, &invitation, Settlement::Declined, actor)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The invitation of a token that is for this user, and where it leads.
    async fn invitation_begin(
        &self,
        user: UserId,
        token: &PlainToken,
    ) -> Result<(Tx, Organization, Invitation), AppError> {
        let hash = token.hash();
        let mut read = self.store().read().await?;
        let found = read.invitation_by_hash(&hash).await?.ok_or(NO_INVITATION)?;
        drop(read);
        let (mut tx, organization) = self.organization_begin(found.organization).await?;
        if organization.suspended_at.is_some() {
            return Err(AppError::Suspended);
        }
        let user = tx.user_get(user).await?;
        is_for(&found, user.as_ref())?;
        Ok((tx, organization, found))
    }

    async fn invitation_settle(
        &self,
        tx: &mut Tx,
        invitation: &Invitation,
        settlement: Settlement,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        // Whoever takes back what has expired only tidies up.
        let over = match (invitation.status(now), settlement) {
            (InvitationStatus::Expired, Settlement::Revoked) => None,
            (status, _) => ended(status),
        };
        if let Some(why) = over {
            return Err(AppError::Conflict(why));
        }
        let Invitation {
            id, organization, ..
        } = *invitation;
        if !tx
            .invitation_settle(organization, id, settlement, now)
            .await?
        {
            return Err(AppError::Conflict("this invitation was just settled"));
        }
        let action = match settlement {
            Settlement::Accepted(_) => "invitation.accepted",
            Settlement::Declined => "invitation.declined",
            Settlement::Revoked => "invitation.revoked",
        };
        let changes = json!({ "before": {
            "email": invitation.email.as_str(),
            "role": invitation.role.name(),
        }});
        tx.audit_insert(&actor.entry(organization, deed(action, id), &changes, now))
            .await?;
        Ok(())
    }
}

/// An invitation is for the address that it was mailed to, and for nobody else who got hold of it.
fn is_for(invitation: &Invitation, user: Option<&User>) -> Result<(), AppError> {
    if user.is_some_and(|user| user.email == invitation.email) {
        Ok(())
    } else {
        let why = "this invitation is for another e-mail address: log in with the account of that";
        Err(AppError::Forbidden(why))
    }
}

/// Refuses who belongs to the organization already, and addresses that it does not take.
async fn may_be_invited(
    tx: &mut Tx,
    organization: OrganizationId,
    email: &Email,
) -> Result<(), AppError> {
    if tx.member_by_email(organization, email).await?.is_some() {
        let why = "whoever has this address belongs to the organization already";
        return Err(AppError::Conflict(why));
    }
    let settings = tx.settings_get(organization).await?;
    if settings.is_some_and(|settings| !settings.allowed_email_domains.allow(email)) {
        let why = "the organization takes nobody with an address of this domain";
        return Err(AppError::Invalid("email", why));
    }
    Ok(())
}

fn ended(status: InvitationStatus) -> Option<&'static str> {
    match status {
        InvitationStatus::Pending => None,
        InvitationStatus::Expired => Some("this invitation has expired: ask for another one"),
        InvitationStatus::Accepted => Some("this invitation was accepted"),
        InvitationStatus::Declined => Some("this invitation was declined: ask for another one"),
        InvitationStatus::Revoked => Some("this invitation was taken back"),
    }
}

fn deed(action: &'static str, id: InvitationId) -> Deed {
    Deed {
        action,
        kind: "invitation",
        id: id.to_string(),
    }
}
