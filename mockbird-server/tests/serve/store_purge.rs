//! The end of what was deleted or has run out.

use std::time::Duration;

use mockbird_server::domain::{Clock, KeyId, Millis, Page, PlainToken, ProjectId, SessionId};
use mockbird_server::store::{NewApiKey, NewProject, NewSession, Store};

use crate::store_logins::user;
use crate::store_rows::organization;
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, store_test};
use crate::support::specs;

const DAY: Duration = Duration::from_hours(24);

store_test! {
    async fn what_ended_long_enough_ago_is_removed(store: Store) {
        let user = user(&store).await;
        let mut tx = store.begin().await.unwrap();
        let sessions = [10, 20, 30].map(|end| NewSession {
            id: SessionId::new(Millis(end)),
            user,
            refresh_hash: PlainToken::random("mr_").hash(),
            device_hash: PlainToken::presented("a device").hash(),
            user_agent: None,
            ip_address: None,
            expires_at: Millis(end),
        });
        for session in &sessions {
            tx.session_insert(session, Millis(0)).await.unwrap();
        }
        let [expired, revoked, live] = sessions.map(|session| session.id);
        assert!(tx.session_revoke(user, revoked, Millis(10)).await.unwrap());
        assert!(tx.device_is_new(user, &PlainToken::presented("another").hash()).await.unwrap());
        assert!(!tx.device_is_new(user, &PlainToken::presented("a device").hash()).await.unwrap());
        assert_eq!(tx.session_purge(Millis(9)).await.unwrap(), 0);
        assert_eq!(tx.session_purge(Millis(10)).await.unwrap(), 2);
        for (id, there) in [(expired, false), (revoked, false), (live, true)] {
            assert_eq!(tx.session_get(id).await.unwrap().is_some(), there);
        }
        let key = "a-key".parse().unwrap();
        assert!(tx.idempotency_begin("ada", &key, "hash", Millis(0), Millis(10)).await.unwrap());
        assert_eq!(tx.idempotency_purge(Millis(9)).await.unwrap(), 0);
        assert_eq!(tx.idempotency_purge(Millis(10)).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn what_was_deleted_is_removed_with_all_that_is_in_it(store: Store) {
        let (kept, gone) = (organization(&store).await, organization(&store).await);
        let now = Millis(5);
        let mut tx = store.begin().await.unwrap();
        let mut projects = Vec::new();
        for organization in [kept, gone] {
            let project = NewProject {
                id: ProjectId::new(now),
                organization,
                name: "Shop".to_owned(),
                slug: format!("shop-{}", projects.len()).parse().unwrap(),
                created_by: None,
            };
            tx.project_insert(&project, now).await.unwrap();
            let spec = specs::read(r#"{"name": "Shop", "mocks": [{"path": "/", "responses": [{"body": "hello"}]}]}"#);
            tx.project_spec_save(organization, project.id, &spec, None, now).await.unwrap();
            let owner = tx.member_list(organization, Page::new(None, None).unwrap()).await.unwrap().items[0].user;
            let key = NewApiKey {
                id: KeyId::new(now),
                hash: PlainToken::random("mk_").hash(),
                prefix: "mk_".to_owned(),
                organization,
                project: Some(project.id),
                name: "CI".to_owned(),
                permissions: "read".parse().unwrap(),
                created_by: owner,
                expires_at: None,
            };
            tx.api_key_insert(&key, now).await.unwrap();
            projects.push((project, key));
        }
        tx.organization_delete(gone, Some(now), now).await.unwrap();
        assert_eq!(tx.deleted_purge(Millis(4), now).await.unwrap(), 0, "it can be had back");
        assert_eq!(tx.deleted_purge(now, now).await.unwrap(), 1);
        for (project, key) in &projects {
            let there = project.organization == kept;
            let found = tx.project_get(project.organization, project.id).await.unwrap();
            assert_eq!(found.is_some(), there);
            assert_eq!(tx.api_key_by_hash(&key.hash).await.unwrap().is_some(), there);
        }
        let (taken, _) = &projects[1];
        let again = NewProject { id: ProjectId::new(now), organization: kept, ..taken.clone() };
        tx.project_insert(&again, now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn what_was_not_deleted_is_never_removed(store: Store) {
        let organization = organization(&store).await;
        let now = Clock::System.now();
        let project = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Shop".to_owned(),
            slug: "shop".parse().unwrap(),
            created_by: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.project_insert(&project, now).await.unwrap();
        assert_eq!(tx.deleted_purge(Millis(i64::MAX), now).await.unwrap(), 0);
        assert!(tx.project_get(organization, project.id).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_running_server_forgets_what_has_ended() {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let mail =
        mockbird_server::mail::Letter::PasswordChanged.to(&"ada@example.com".parse().unwrap());
    let mut tx = store.begin().await.unwrap();
    for age in [31, 29] {
        tx.mail_insert(&mail, clock.now().before(DAY * age))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;
    let app = TestApp::at(clock, database, &[]).await;
    while app.mails().await.len() > 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.stop().await;
}
