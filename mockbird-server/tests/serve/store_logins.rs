//! Passwords, sessions and API keys.

use std::time::Duration;

use mockbird_server::domain::{
    Clock, HashedPassword, KeyId, Millis, OrganizationId, Page, PlainToken, SessionId, UserId,
};
use mockbird_server::store::{NewApiKey, NewSession, Store};

use crate::store_rows::{new_user, organization};
use crate::support::database::{TestDatabase, store_test};

const HOUR: Duration = Duration::from_hours(1);

fn page() -> Page {
    Page::new(None, None).unwrap()
}

pub(crate) async fn user(store: &Store) -> UserId {
    let user = new_user(&format!("{:x}@example.com", fastrand::u64(..)));
    let mut tx = store.begin().await.unwrap();
    tx.user_insert(&user, Millis(1)).await.unwrap();
    tx.commit().await.unwrap();
    user.id
}

/// A session that ends an hour after `now`, and its token.
async fn session(store: &Store, user: UserId, now: Millis) -> (SessionId, PlainToken) {
    let token = PlainToken::random("mr_");
    let new = NewSession {
        id: SessionId::new(now),
        user,
        refresh_hash: token.hash(),
        device_hash: PlainToken::presented("a device").hash(),
        user_agent: Some("curl/8".to_owned()),
        ip_address: Some("192.0.2.1".to_owned()),
        expires_at: now.after(HOUR),
    };
    let mut tx = store.begin().await.unwrap();
    tx.session_insert(&new, now).await.unwrap();
    tx.commit().await.unwrap();
    (new.id, token)
}

store_test! {
    async fn a_user_has_one_password(store: Store) {
        let user = user(&store).await;
        assert_eq!(store.read().await.unwrap().credential_get(user).await.unwrap(), None);
        for text in ["one", "other"] {
            let hash = HashedPassword::new(text.to_owned());
            let mut tx = store.begin().await.unwrap();
            tx.credential_put(user, &hash, Millis(1)).await.unwrap();
            tx.commit().await.unwrap();
            let kept = store.read().await.unwrap().credential_get(user).await.unwrap();
            assert_eq!(kept, Some(hash));
        }
    }
}

store_test! {
    async fn a_session_is_rotated_by_whoever_read_it_last(store: Store) {
        let now = Millis(1_000_000);
        let user = user(&store).await;
        let (id, first) = session(&store, user, now).await;
        let read = store.read().await.unwrap().session_get(id).await.unwrap().unwrap();
        assert_eq!((read.user, &read.refresh_hash, &read.previous_hash), (user, &first.hash(), &None));
        assert_eq!((read.created_at, read.last_used_at, read.rotated_at), (now, now, None));
        assert_eq!((read.is_live(now), read.is_live(now.after(HOUR))), (true, false));

        let second = PlainToken::random("mr_");
        let later = now.after(HOUR / 2);
        for expected in [true, false] {
            let mut tx = store.begin().await.unwrap();
            let rotated = tx.session_rotate(&read, &second.hash(), later.after(HOUR), None, later).await.unwrap();
            assert_eq!(rotated, expected, "what was read is the truth once");
            tx.commit().await.unwrap();
        }
        let read = store.read().await.unwrap().session_get(id).await.unwrap().unwrap();
        assert_eq!((read.refresh_hash, read.previous_hash), (second.hash(), Some(first.hash())));
        assert_eq!((read.rotated_at, read.last_used_at, read.expires_at), (Some(later), later, later.after(HOUR)));
    }
}

store_test! {
    async fn sessions_are_listed_and_ended_by_their_user_alone(store: Store) {
        let now = Millis(1_000_000);
        let (ada, eve) = (user(&store).await, user(&store).await);
        let (early, _) = session(&store, ada, now).await;
        let (late, _) = session(&store, ada, now.after(HOUR / 2)).await;
        let list = async |user, now| {
            let mut read = store.read().await.unwrap();
            let paged = read.session_list(user, page(), now).await.unwrap();
            assert_eq!(usize::try_from(paged.total).unwrap(), paged.items.len());
            paged.items.into_iter().map(|session| session.id).collect::<Vec<_>>()
        };
        assert_eq!(list(ada, now).await, [late, early]);
        assert_eq!(list(eve, now).await, []);
        assert_eq!(list(ada, now.after(HOUR)).await, [late], "the other one has expired");
        for (user, id, ended) in [(eve, late, false), (ada, late, true), (ada, late, false)] {
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.session_revoke(user, id, now).await.unwrap(), ended);
            tx.commit().await.unwrap();
        }
        assert_eq!(list(ada, now).await, [early]);
        let mut tx = store.begin().await.unwrap();
        tx.session_revoke_all(ada, now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(list(ada, now).await, []);
    }
}

store_test! {
    async fn a_key_is_its_organizations(store: Store) {
        let now = Clock::System.now();
        let (ours, theirs) = (organization(&store).await, organization(&store).await);
        let plain = PlainToken::random("mk_");
        let new = NewApiKey {
            id: KeyId::new(now),
            hash: plain.hash(),
            prefix: plain.prefix().to_owned(),
            organization: ours,
            project: None,
            name: "CI".to_owned(),
            permissions: "mocks:call read".parse().unwrap(),
            created_by: user(&store).await,
            expires_at: Some(now.after(HOUR)),
        };
        let mut tx = store.begin().await.unwrap();
        tx.api_key_insert(&new, now).await.unwrap();
        tx.api_key_used(new.id, now).await.unwrap();
        tx.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let key = read.api_key_by_hash(&plain.hash()).await.unwrap().unwrap();
        assert_eq!((key.id, key.organization, key.project), (new.id, ours, None));
        assert_eq!((&key.name, &key.prefix, &key.permissions), (&new.name, &new.prefix, &new.permissions));
        assert_eq!((key.last_used_at, key.expires_at), (Some(now), new.expires_at));
        assert_eq!(read.api_key_get(ours, key.id).await.unwrap(), Some(key.clone()));
        assert_eq!(read.api_key_get(theirs, key.id).await.unwrap(), None);
        let list = async |organization: OrganizationId| {
            let mut read = store.read().await.unwrap();
            let paged = read.api_key_list(organization, page()).await.unwrap();
            assert_eq!(usize::try_from(paged.total).unwrap(), paged.items.len());
            paged.items
        };
        assert_eq!((list(ours).await, list(theirs).await), (vec![key.clone()], vec![]));
        drop(read);

        for (organization, revoked) in [(theirs, false), (ours, true), (ours, false)] {
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.api_key_revoke(organization, key.id, now).await.unwrap(), revoked);
            tx.commit().await.unwrap();
        }
        assert_eq!(store.read().await.unwrap().api_key_by_hash(&plain.hash()).await.unwrap(), None);
        assert_eq!(list(ours).await, vec![]);
    }
}
