//! Users, organizations, members and projects.

use mockbird_server::domain::{
    AuditId, Clock, Millis, OrganizationId, Page, Plan, ProjectId, Role, Slug, UserId,
};
use mockbird_server::store::{
    AuditEntry, AuditFilter, Constraint, NewOrganization, NewProject, NewUser, Store, StoreError,
};

use crate::support::database::{TestDatabase, store_test};

pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser {
        id: UserId::new(Clock::System.now()),
        email: email.parse().unwrap(),
        name: None,
        first_name: None,
        last_name: None,
    }
}

pub(crate) fn new_organization(created_by: UserId) -> NewOrganization {
    let id = OrganizationId::new(Clock::System.now());
    NewOrganization {
        id,
        name: "Birds".to_owned(),
        slug: Slug::of_name(&id.to_string()),
        plan: Plan::Unlimited,
        is_personal: false,
        created_by,
    }
}

/// An organization with an owner of its own.
pub(crate) async fn organization(store: &Store) -> OrganizationId {
    organization_of(store, Plan::Unlimited).await
}

/// The same on a plan.
pub(crate) async fn organization_of(store: &Store, plan: Plan) -> OrganizationId {
    let now = Clock::System.now();
    let user = new_user(&format!("{:x}@example.com", fastrand::u64(..)));
    let organization = NewOrganization {
        plan,
        ..new_organization(user.id)
    };
    let mut tx = store.begin().await.unwrap();
    tx.user_insert(&user, now).await.unwrap();
    tx.organization_insert(&organization, now).await.unwrap();
    tx.member_insert(organization.id, user.id, Role::Owner, None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    organization.id
}

store_test! {
    async fn users_are_found_by_id_and_address(store: Store) {
        let now = Clock::System.now();
        let ada = NewUser { name: Some("ada".to_owned()), ..new_user("ada@example.com") };
        let mut tx = store.begin().await.unwrap();
        tx.user_insert(&ada, now).await.unwrap();
        assert!(tx.user_get(ada.id).await.unwrap().is_some(), "a transaction sees its own changes");
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.user_get(ada.id).await.unwrap().unwrap();
        assert_eq!((found.id, &found.email, found.name.as_deref()), (ada.id, &ada.email, Some("ada")));
        assert_eq!((found.is_active, found.created_at, found.updated_at, found.version), (true, now, None, 1));
        assert_eq!(read.user_by_email(&"ADA@example.com".parse().unwrap()).await.unwrap(), Some(found));
        assert_eq!(read.user_by_email(&"eve@example.com".parse().unwrap()).await.unwrap(), None);
    }
}

store_test! {
    async fn what_is_not_committed_is_not_there(store: Store) {
        let ada = new_user("ada@example.com");
        let mut tx = store.begin().await.unwrap();
        tx.user_insert(&ada, Clock::System.now()).await.unwrap();
        drop(tx);
        assert!(store.read().await.unwrap().user_get(ada.id).await.unwrap().is_none());
    }
}

store_test! {
    async fn what_is_taken_is_named(store: Store) {
        let now = Clock::System.now();
        let ada = new_user("ada@example.com");
        let organization = new_organization(ada.id);
        let project = NewProject {
            id: ProjectId::new(now),
            organization: organization.id,
            name: "Shop".to_owned(),
            slug: "shop".parse().unwrap(),
            created_by: Some(ada.id),
        };
        let mut tx = store.begin().await.unwrap();
        tx.user_insert(&ada, now).await.unwrap();
        tx.organization_insert(&organization, now).await.unwrap();
        tx.member_insert(organization.id, ada.id, Role::Owner, None, now).await.unwrap();
        tx.project_insert(&project, now).await.unwrap();
        tx.commit().await.unwrap();

        // PostgreSQL takes nothing more in a transaction that failed: each try has its own.
        let mut tx = store.begin().await.unwrap();
        let error = tx.user_insert(&new_user("ada@example.com"), now).await.unwrap_err();
        assert!(matches!(error, StoreError::Taken(Constraint::UserEmail)), "{error:?}");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        let error = tx.member_insert(organization.id, ada.id, Role::Viewer, None, now).await.unwrap_err();
        assert!(matches!(error, StoreError::Taken(Constraint::Member)), "{error:?}");
        drop(tx);
        let again = NewProject { id: ProjectId::new(now), ..project.clone() };
        let mut tx = store.begin().await.unwrap();
        let error = tx.project_insert(&again, now).await.unwrap_err();
        assert!(matches!(error, StoreError::Taken(Constraint::ProjectSlug)), "{error:?}");
        drop(tx);
        let same = NewOrganization { id: OrganizationId::new(now), ..organization.clone() };
        let mut tx = store.begin().await.unwrap();
        let error = tx.organization_insert(&same, now).await.unwrap_err();
        assert!(matches!(error, StoreError::Taken(Constraint::OrganizationSlug)), "{error:?}");
        drop(tx);
        let orphan = new_organization(UserId::new(now));
        let mut tx = store.begin().await.unwrap();
        let error = tx.organization_insert(&orphan, now).await.unwrap_err();
        assert!(matches!(error, StoreError::Dangling), "{error:?}");
    }
}

store_test! {
    async fn members_have_a_role_in_their_organization_alone(store: Store) {
        let now = Clock::System.now();
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let ada = new_user("ada@example.com");
        let mut tx = store.begin().await.unwrap();
        tx.user_insert(&ada, now).await.unwrap();
        tx.member_insert(ours, ada.id, Role::Admin, None, now).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let member = read.member_get(ours, ada.id).await.unwrap().unwrap();
        assert_eq!((member.role, member.joined_at), (Role::Admin, now));
        assert_eq!(read.member_get(theirs, ada.id).await.unwrap(), None);
        let organization = read.organization_get(ours).await.unwrap().unwrap();
        assert_eq!((organization.plan, organization.suspended_at), (Plan::Unlimited, None));
    }
}

store_test! {
    async fn projects_are_found_by_slug(store: Store) {
        let now = Clock::System.now();
        assert!(!store.read().await.unwrap().project_any().await.unwrap());
        let organization = organization(&store).await;
        let new = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Shop".to_owned(),
            slug: "shop".parse().unwrap(),
            created_by: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.project_insert(&new, now).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let project = read.project_by_slug("shop").await.unwrap().unwrap();
        assert_eq!((project.id, project.is_public, project.is_active), (new.id, None, true));
        assert!(read.project_by_slug("Shop").await.unwrap().is_none());
        assert!(read.project_any().await.unwrap());
        assert_eq!(read.project_get(organization, new.id).await.unwrap(), Some(project));
    }
}

store_test! {
    async fn many_write_at_once(store: Store) {
        let writers = (0..24).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let user = new_user(&format!("user{n}@example.com"));
                tx.user_insert(&user, Clock::System.now()).await.unwrap();
                tx.commit().await.unwrap();
                user.id
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            let id = writer.await.unwrap();
            assert!(store.read().await.unwrap().user_get(id).await.unwrap().is_some());
        }
    }
}

store_test! {
    async fn the_audit_log_has_pages_and_ends_at_the_organization(store: Store) {
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let entry = |organization, at| AuditEntry {
            id: AuditId::new(Millis(at)),
            organization,
            user: None,
            key: None,
            action: format!("done.{at}"),
            resource_type: Some("project".to_owned()),
            resource_id: None,
            changes: Some(r#"{"name":["a","b"]}"#.to_owned()),
            ip_address: Some("192.0.2.1".to_owned()),
            user_agent: None,
            request_id: None,
            created_at: Millis(at),
        };
        let mut tx = store.begin().await.unwrap();
        for at in 1..=5 {
            tx.audit_insert(&entry(ours, at)).await.unwrap();
        }
        tx.audit_insert(&entry(theirs, 9)).await.unwrap();
        tx.commit().await.unwrap();
        let page = Page::new(Some(2), Some(2)).unwrap();
        let found = store.read().await.unwrap().audit_list(ours, &AuditFilter::default(), page).await.unwrap();
        let actions: Vec<_> = found.items.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!((actions, found.total), (vec!["done.3", "done.2"], 5));
        assert_eq!(found.items[0], AuditEntry { id: found.items[0].id, ..entry(ours, 3) });
    }
}
