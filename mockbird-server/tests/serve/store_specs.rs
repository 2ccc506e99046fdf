//! A spec as rows, and back.

use mockbird_core::spec::Spec;
use mockbird_server::domain::{Clock, OrganizationId, ProjectId, Slug};
use mockbird_server::store::{NewProject, Store, StoreError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::store_rows::organization;
use crate::support::database::{TestDatabase, store_test};
use crate::support::specs::{read, specs};

async fn project(store: &Store, organization: OrganizationId, spec: &Spec) -> ProjectId {
    let now = Clock::System.now();
    let id = ProjectId::new(now);
    let slug = spec.slug.as_deref().and_then(|slug| slug.parse().ok());
    let slug = slug.unwrap_or_else(|| Slug::of_name(&id.to_string()));
    let new = NewProject {
        id,
        organization,
        name: "before".to_owned(),
        slug,
        created_by: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.project_insert(&new, now).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn save(
    store: &Store,
    organization: OrganizationId,
    project: ProjectId,
    spec: &Spec,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let now = Clock::System.now();
    let saved = tx
        .project_spec_save(organization, project, spec, None, now)
        .await?;
    tx.commit().await?;
    Ok(saved)
}

async fn load(store: &Store, organization: OrganizationId, project: ProjectId) -> Option<Spec> {
    let mut snapshot = store.snapshot().await.unwrap();
    snapshot
        .project_spec_load(organization, project)
        .await
        .unwrap()
}

fn text(spec: &Spec) -> String {
    spec.to_node().to_string()
}

store_test! {
    async fn a_spec_comes_back_as_it_was_saved(store: Store) {
        let organization = organization(&store).await;
        let slugless = read(r#"{"name": "n", "mocks": []}"#);
        let one = project(&store, organization, &slugless).await;
        let cases = Config { failure_persistence: None, ..Config::with_cases(48) };
        let (handle, store) = (tokio::runtime::Handle::current(), &store);
        let back = |spec: Spec| {
            // The slug of a project that is there stays.
            let spec = Spec { slug: None, ..spec };
            let back = async {
                assert!(save(store, organization, one, &spec).await.unwrap());
                load(store, organization, one).await.unwrap()
            };
            let back = handle.block_on(back);
            prop_assert_eq!(text(&back), text(&spec));
            Ok(())
        };
        tokio::task::block_in_place(|| TestRunner::new(cases).run(&specs(), back).unwrap());
    }
}

store_test! {
    async fn a_slug_that_the_spec_has_comes_back(store: Store) {
        let organization = organization(&store).await;
        let spec = read(r#"{"name": "n", "slug": "shop", "seed": 18446744073709551615, "mocks": []}"#);
        let id = project(&store, organization, &spec).await;
        assert!(save(&store, organization, id, &spec).await.unwrap());
        assert_eq!(text(&load(&store, organization, id).await.unwrap()), text(&spec));
    }
}

store_test! {
    async fn more_rows_than_one_statement_takes(store: Store) {
        let organization = organization(&store).await;
        let mock = |n: usize| format!(r#"{{"path":"/{n}","responses":[{{"body":{n}}},{{"statusCode":404,"weight":0}}]}}"#);
        let mocks: Vec<_> = (0..1_203).map(mock).collect();
        let spec = read(&format!(r#"{{"name":"n","mocks":[{}]}}"#, mocks.join(",")));
        let id = project(&store, organization, &spec).await;
        assert!(save(&store, organization, id, &spec).await.unwrap());
        assert_eq!(text(&load(&store, organization, id).await.unwrap()), text(&spec));
    }
}

store_test! {
    async fn another_organization_has_nothing_of_it(store: Store) {
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let spec = read(r#"{"name": "n", "mocks": []}"#);
        let id = project(&store, ours, &spec).await;
        assert!(!save(&store, theirs, id, &read(r#"{"name": "stolen", "mocks": []}"#)).await.unwrap());
        assert!(load(&store, theirs, id).await.is_none());
        assert!(store.read().await.unwrap().project_get(theirs, id).await.unwrap().is_none());
        let project = store.read().await.unwrap().project_get(ours, id).await.unwrap().unwrap();
        assert_eq!((project.name.as_str(), project.version), ("before", 1));
    }
}

store_test! {
    async fn a_nul_is_refused_where_postgres_would_not_keep_it(store: Store) {
        let organization = organization(&store).await;
        let good = read(r#"{"name": "n", "mocks": []}"#);
        let id = project(&store, organization, &good).await;
        for text in [
            r#"{"name": "a\u0000", "mocks": []}"#,
            r#"{"name": "a", "mocks": [{"path": "/\u0000", "responses": [{}]}]}"#,
            r#"{"name": "a", "mocks": [{"path": "/", "responses": [{"name": "\u0000"}]}]}"#,
        ] {
            let refused = save(&store, organization, id, &read(text)).await;
            assert!(matches!(refused, Err(StoreError::Nul)), "{text}: {refused:?}");
        }
        let project = store.read().await.unwrap().project_get(organization, id).await.unwrap().unwrap();
        assert_eq!(project.version, 1, "nothing was changed");
    }
}

store_test! {
    async fn a_snapshot_sees_one_moment(store: Store) {
        let organization = organization(&store).await;
        let before = read(r#"{"name": "before", "mocks": [{"path": "/a", "responses": [{}]}]}"#);
        let id = project(&store, organization, &before).await;
        assert!(save(&store, organization, id, &before).await.unwrap());
        let mut snapshot = store.snapshot().await.unwrap();
        assert!(snapshot.project_get(organization, id).await.unwrap().is_some());
        let after = read(r#"{"name": "after", "mocks": []}"#);
        assert!(save(&store, organization, id, &after).await.unwrap());
        let seen = snapshot.project_spec_load(organization, id).await.unwrap().unwrap();
        assert_eq!(text(&seen), text(&before));
        drop(snapshot);
        assert_eq!(text(&load(&store, organization, id).await.unwrap()), text(&after));
    }
}
