//! Organizations, their settings and members, and the audit log's filters.

use mockbird_server::domain::{
    AuditId, Clock, EmailDomains, InvitationId, InvitationStatus, Millis, Page, PlainToken,
    ProjectId, Role, UserId, Visibility,
};
use mockbird_server::store::{
    AuditEntry, AuditFilter, Constraint, NewInvitation, NewProject, Settings, Settlement, Store,
    StoreError,
};

use crate::store_rows::{new_user, organization};
use crate::support::database::{TestDatabase, store_test};

fn page() -> Page {
    Page::new(None, None).unwrap()
}

async fn owner(store: &Store, organization: mockbird_server::domain::OrganizationId) -> UserId {
    let mut read = store.read().await.unwrap();
    read.member_list(organization, page()).await.unwrap().items[0].user
}

store_test! {
    async fn an_organization_is_renamed_suspended_deleted_and_had_back(store: Store) {
        let now = Millis(5);
        let id = organization(&store).await;
        let owner = owner(&store, id).await;
        let mut tx = store.begin().await.unwrap();
        let before = tx.organization_lock(id).await.unwrap().unwrap();
        tx.organization_rename(id, "Bats", &"bats".parse().unwrap(), now).await.unwrap();
        tx.organization_suspend(id, Some(now), now).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.organization_get(id).await.unwrap().unwrap();
        assert_eq!((before.version, found.version), (1, 3));
        assert_eq!((found.name.as_str(), found.slug.as_str()), ("Bats", "bats"));
        assert_eq!((found.suspended_at, found.updated_at, found.deleted_at), (Some(now), Some(now), None));
        let listed = read.organization_list(owner, page()).await.unwrap();
        assert_eq!((listed.items, listed.total), (vec![(found, Role::Owner)], 1));
        assert_eq!(read.organization_list_deleted(owner, page()).await.unwrap().items, []);
        drop(read);

        let mut tx = store.begin().await.unwrap();
        tx.organization_suspend(id, None, now).await.unwrap();
        tx.organization_delete(id, Some(now), now).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.organization_get(id).await.unwrap(), None);
        assert_eq!(read.member_get(id, owner).await.unwrap(), None);
        assert_eq!(read.organization_list(owner, page()).await.unwrap().items, []);
        let deleted = read.organization_get_deleted(owner, id).await.unwrap().unwrap();
        assert_eq!((deleted.deleted_at, deleted.suspended_at, deleted.version), (Some(now), None, 5));
        let listed = read.organization_list_deleted(owner, page()).await.unwrap();
        assert_eq!((listed.items, listed.total), (vec![(deleted, Role::Owner)], 1));
        let stranger = UserId::new(now);
        assert_eq!(read.organization_get_deleted(stranger, id).await.unwrap(), None);
        drop(read);

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.organization_lock(id).await.unwrap(), None);
        tx.organization_delete(id, None, now).await.unwrap();
        assert!(tx.organization_lock(id).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn settings_are_the_organizations(store: Store) {
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let start = store.read().await.unwrap().settings_get(ours).await.unwrap().unwrap();
        assert_eq!((start.version, &start.allowed_email_domains), (1, &EmailDomains::default()));
        let wished = Settings {
            allow_public_projects: false,
            default_visibility: Visibility::Public,
            require_api_key: true,
            allowed_email_domains: "a.co,b.co".parse().unwrap(),
            ..start.clone()
        };
        let mut tx = store.begin().await.unwrap();
        tx.settings_put(ours, &wished, Millis(7)).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let kept = read.settings_get(ours).await.unwrap().unwrap();
        assert_eq!(kept, Settings { version: 2, updated_at: Some(Millis(7)), ..wished });
        assert_eq!(read.settings_get(theirs).await.unwrap(), Some(start));
    }
}

store_test! {
    async fn members_are_listed_changed_and_removed(store: Store) {
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let ada = new_user("ada@example.com");
        let ada = mockbird_server::store::NewUser { first_name: Some("Ada".to_owned()), ..ada };
        let inviter = owner(&store, ours).await;
        let now = Clock::System.now();
        let mut tx = store.begin().await.unwrap();
        tx.user_insert(&ada, now).await.unwrap();
        tx.member_insert(ours, ada.id, Role::Owner, Some(inviter), now).await.unwrap();
        assert_eq!(tx.member_owners(ours).await.unwrap(), 2);
        tx.member_role_set(ours, ada.id, Role::Viewer).await.unwrap();
        tx.member_role_set(theirs, ada.id, Role::Owner).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.member_owners(ours).await.unwrap(), 1);
        let found = read.member_profile(ours, ada.id).await.unwrap().unwrap();
        assert_eq!((found.role, found.version, found.joined_at), (Role::Viewer, 2, now));
        assert_eq!((found.full_name().as_deref(), found.invited_by), (Some("Ada"), Some(inviter)));
        assert_eq!(read.member_by_email(ours, &ada.email).await.unwrap(), Some(found.clone()));
        assert_eq!(read.member_by_email(theirs, &ada.email).await.unwrap(), None);
        assert_eq!(read.member_profile(theirs, ada.id).await.unwrap(), None);
        let second = Page::new(Some(2), Some(1)).unwrap();
        let listed = read.member_list(ours, second).await.unwrap();
        assert_eq!((listed.items, listed.total), (vec![found], 2));
        drop(read);
        let mut tx = store.begin().await.unwrap();
        tx.member_delete(theirs, ada.id).await.unwrap();
        assert!(tx.member_profile(ours, ada.id).await.unwrap().is_some());
        tx.member_delete(ours, ada.id).await.unwrap();
        assert!(tx.member_profile(ours, ada.id).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn projects_rest_with_their_organization(store: Store) {
        let now = Millis(9);
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let project = |organization, slug: &str| NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Shop".to_owned(),
            slug: slug.parse().unwrap(),
            created_by: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.project_insert(&project(ours, "ours"), now).await.unwrap();
        tx.project_insert(&project(theirs, "theirs"), now).await.unwrap();
        tx.organization_suspend(ours, Some(now), now).await.unwrap();
        assert_eq!(tx.project_touch_all(ours, now).await.unwrap(), ["ours"]);
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        for (slug, suspended_at) in [("ours", Some(now)), ("theirs", None)] {
            let found = read.project_by_slug(slug).await.unwrap().unwrap();
            assert_eq!(found.suspended_at, suspended_at, "{slug}");
        }
    }
}

store_test! {
    async fn the_audit_log_is_filtered(store: Store) {
        let organization = organization(&store).await;
        let user = UserId::new(Millis(1));
        let entry = |at: i64, by: Option<UserId>, action: &str| AuditEntry {
            id: AuditId::new(Millis(at)),
            organization,
            user: by,
            key: None,
            action: action.to_owned(),
            resource_type: Some("project".to_owned()),
            resource_id: Some(at.to_string()),
            changes: None,
            ip_address: None,
            user_agent: None,
            request_id: None,
            created_at: Millis(at),
        };
        let mut tx = store.begin().await.unwrap();
        for (at, by, action) in [(1, Some(user), "made"), (2, None, "changed"), (3, Some(user), "changed")] {
            tx.audit_insert(&entry(at, by, action)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let all = AuditFilter::default;
        for (filter, found) in [
            (all(), vec![3, 2, 1]),
            (AuditFilter { user: Some(user), ..all() }, vec![3, 1]),
            (AuditFilter { user: Some(user), action: Some("changed".to_owned()), ..all() }, vec![3]),
            (AuditFilter { resource_type: Some("mock".to_owned()), ..all() }, vec![]),
            (AuditFilter { resource_id: Some("2".to_owned()), ..all() }, vec![2]),
            (AuditFilter { from: Some(Millis(2)), ..all() }, vec![3, 2]),
            (AuditFilter { before: Some(Millis(2)), ..all() }, vec![1]),
        ] {
            let listed = store.read().await.unwrap().audit_list(organization, &filter, page()).await.unwrap();
            let moments: Vec<_> = listed.items.iter().map(|entry| entry.created_at.0).collect();
            assert_eq!(usize::try_from(listed.total).unwrap(), found.len(), "{filter:?}");
            assert_eq!(moments, found, "{filter:?}");
        }
    }
}

store_test! {
    async fn an_idempotency_key_stands_for_one_request_until_its_end(store: Store) {
        let (key, other) = ("k".parse().unwrap(), "l".parse().unwrap());
        for (owner, key, now, begun) in [
            ("ada", &key, 1, true),
            ("ada", &key, 2, false),
            ("bob", &key, 2, true),
            ("ada", &other, 2, true),
            ("ada", &key, 10, false),
            ("ada", &key, 11, true),
        ] {
            let mut tx = store.begin().await.unwrap();
            let hash = format!("hash {now}");
            let first = tx.idempotency_begin(owner, key, &hash, Millis(now), Millis(now + 10)).await.unwrap();
            assert_eq!(first, begun, "{owner} {key} {now}");
            tx.commit().await.unwrap();
        }
        let get = async |owner, key| store.read().await.unwrap().idempotency_get(owner, key).await.unwrap();
        let begun = get("ada", &key).await.unwrap();
        assert_eq!((begun.request_hash.as_str(), begun.created_at), ("hash 11", Millis(11)));
        assert_eq!((begun.status, begun.answer), (None, None));
        let mut tx = store.begin().await.unwrap();
        tx.idempotency_finish("ada", &key, 201, b"\x00sealed").await.unwrap();
        tx.idempotency_forget("bob", &key).await.unwrap();
        tx.commit().await.unwrap();
        let done = get("ada", &key).await.unwrap();
        assert_eq!((done.status, done.answer.as_deref()), (Some(201), Some(&b"\x00sealed"[..])));
        assert_eq!(get("bob", &key).await, None);
        assert_eq!(get("ada", &other).await.unwrap().status, None);
    }
}

store_test! {
    async fn an_invitation_is_settled_once(store: Store) {
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let inviter = owner(&store, ours).await;
        let token = |n: i64| PlainToken::presented(&format!("mi_{n}")).hash();
        let new = |n: i64, email: &str| NewInvitation {
            id: InvitationId::new(Millis(n)),
            organization: ours,
            email: email.parse().unwrap(),
            role: Role::Member,
            hash: token(n),
            invited_by: inviter,
            expires_at: Millis(n + 10),
        };
        let (first, second, third) = (new(1, "a@example.com"), new(2, "a@example.com"), new(11, "a@example.com"));
        let other = new(3, "b@example.com");
        let mut tx = store.begin().await.unwrap();
        tx.invitation_insert(&first, Millis(1)).await.unwrap();
        tx.invitation_insert(&other, Millis(3)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let taken = tx.invitation_insert(&second, Millis(2)).await.unwrap_err();
        assert!(matches!(taken, StoreError::Taken(Constraint::OpenInvitation)), "{taken:?}");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        tx.invitation_insert(&third, Millis(11)).await.unwrap();
        tx.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let found = read.invitation_by_hash(&token(11)).await.unwrap().unwrap();
        assert_eq!((found.id, found.organization, found.invited_by), (third.id, ours, inviter));
        assert_eq!((found.status(Millis(20)), found.status(Millis(21))), (InvitationStatus::Pending, InvitationStatus::Expired));
        assert_eq!(read.invitation_get(ours, third.id).await.unwrap(), Some(found));
        assert_eq!(read.invitation_get(theirs, third.id).await.unwrap(), None);
        let ids = async |open| {
            let mut read = store.read().await.unwrap();
            let listed = read.invitation_list(ours, open, page()).await.unwrap();
            assert_eq!(usize::try_from(listed.total).unwrap(), listed.items.len());
            listed.items.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(false).await, [third.id, other.id, first.id]);
        assert_eq!(ids(true).await, [third.id, other.id]);
        drop(read);

        for (organization, settlement, settled) in [
            (theirs, Settlement::Declined, false),
            (ours, Settlement::Accepted(inviter), true),
            (ours, Settlement::Revoked, false),
        ] {
            let mut tx = store.begin().await.unwrap();
            let done = tx.invitation_settle(organization, third.id, settlement, Millis(12)).await.unwrap();
            assert_eq!(done, settled, "{settlement:?}");
            tx.commit().await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        tx.invitation_revoke_of(ours, inviter, Millis(13)).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let accepted = read.invitation_get(ours, third.id).await.unwrap().unwrap();
        assert_eq!((accepted.accepted_at, accepted.accepted_by), (Some(Millis(12)), Some(inviter)));
        assert_eq!((accepted.declined_at, accepted.revoked_at), (None, None));
        let revoked = read.invitation_get(ours, other.id).await.unwrap().unwrap();
        assert_eq!(revoked.status(Millis(13)), InvitationStatus::Revoked);
        drop(read);
        let mut tx = store.begin().await.unwrap();
        tx.organization_delete(ours, Some(Millis(14)), Millis(14)).await.unwrap();
        assert_eq!(tx.invitation_by_hash(&token(11)).await.unwrap(), None, "its organization was deleted");
        tx.commit().await.unwrap();
    }
}
