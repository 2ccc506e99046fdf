//! The outbox, and tokens that are mailed.

use std::time::Duration;

use mockbird_server::domain::{Millis, Page, PlainToken, Purpose};
use mockbird_server::store::{Mail, NewToken, OutboxMail, Store};

use crate::store_logins::user;
use crate::support::database::{TestDatabase, store_test};

const MINUTE: Duration = Duration::from_mins(1);

fn mail(to: &str) -> Mail {
    Mail {
        to: to.parse().unwrap(),
        subject: "Grüße".to_owned(),
        body: "a secret link\n".to_owned(),
    }
}

async fn insert(store: &Store, to: &str, now: Millis) {
    let mut tx = store.begin().await.unwrap();
    tx.mail_insert(&mail(to), now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Claims for a minute whatever was written since ever.
async fn claim(store: &Store, now: Millis) -> Option<OutboxMail> {
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.mail_claim(Millis(0), now, now.after(MINUTE)).await;
    tx.commit().await.unwrap();
    claimed.unwrap()
}

async fn list(store: &Store) -> Vec<OutboxMail> {
    let page = Page::new(None, None).unwrap();
    let listed = store.read().await.unwrap().mail_list(page).await.unwrap();
    assert_eq!(listed.total, listed.items.len() as u64);
    listed.items
}

store_test! {
    async fn mails_are_claimed_in_turn_and_given_back(store: Store) {
        insert(&store, "ada@example.com", Millis(1)).await;
        insert(&store, "eve@example.com", Millis(2)).await;
        let first = claim(&store, Millis(2)).await.unwrap();
        assert_eq!((first.to.as_str(), first.attempts), ("ada@example.com", 1));
        assert_eq!((first.subject.as_str(), first.body.as_str()), ("Grüße", "a secret link\n"));
        let second = claim(&store, Millis(2)).await.unwrap();
        assert_eq!(second.to.as_str(), "eve@example.com");
        assert_eq!(claim(&store, Millis(2)).await, None, "both are claimed");

        let mut tx = store.begin().await.unwrap();
        assert!(tx.mail_sent(&first, Millis(3)).await.unwrap());
        assert!(tx.mail_failed(&second, "the mailbox is full", Some(Millis(10))).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&store, Millis(9)).await, None, "neither is due");
        let again = claim(&store, Millis(10)).await.unwrap();
        assert_eq!((again.id, again.attempts, again.last_error.as_deref()), (second.id, 2, Some("the mailbox is full")));

        let mut tx = store.begin().await.unwrap();
        assert!(tx.mail_failed(&again, "there is no such mailbox", None).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&store, Millis(i64::MAX)).await, None, "it is given up");
        let all = list(&store).await;
        assert_eq!([all[0].id, all[1].id], [second.id, first.id], "the latest first");
        assert_eq!((all[1].sent_at, all[1].body.as_str()), (Some(Millis(3)), ""), "what was sent is forgotten");
        assert_eq!((all[0].sent_at, all[0].body.as_str()), (None, "a secret link\n"));
    }
}

store_test! {
    async fn a_claim_that_ran_out_counts_no_more(store: Store) {
        insert(&store, "ada@example.com", Millis(0)).await;
        assert!(!store.read().await.unwrap().mail_due(Millis(-1), Millis(-1)).await.unwrap());
        assert!(store.read().await.unwrap().mail_due(Millis(-1), Millis(0)).await.unwrap());
        assert!(!store.read().await.unwrap().mail_due(Millis(0), Millis(0)).await.unwrap(), "it is too old");
        let mut tx = store.begin().await.unwrap();
        let until = Millis(0).after(MINUTE);
        assert_eq!(tx.mail_claim(Millis(0), Millis(0), until).await.unwrap(), None, "it is too old");
        let lost = tx.mail_claim(Millis(-1), Millis(0), until).await.unwrap().unwrap();
        let found = tx.mail_claim(Millis(-1), until, until.after(MINUTE)).await.unwrap().unwrap();
        assert!(!tx.mail_failed(&lost, "late", None).await.unwrap());
        assert!(!tx.mail_sent(&lost, until).await.unwrap());
        assert!(tx.mail_sent(&found, until).await.unwrap());
        assert!(!tx.mail_sent(&found, until).await.unwrap());
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn of_many_who_claim_at_once_one_gets_the_mail(store: Store) {
        insert(&store, "ada@example.com", Millis(0)).await;
        let claims = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let claimed = tx.mail_claim(Millis(-1), Millis(0), Millis(1)).await.unwrap();
                tx.commit().await.unwrap();
                claimed
            })
        });
        let mut got = 0;
        for claim in claims.collect::<Vec<_>>() {
            got += usize::from(claim.await.unwrap().is_some());
        }
        assert_eq!(got, 1);
    }
}

store_test! {
    async fn old_mails_are_removed(store: Store) {
        insert(&store, "ada@example.com", Millis(1)).await;
        insert(&store, "eve@example.com", Millis(2)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.mail_purge(Millis(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(list(&store).await[0].to.as_str(), "eve@example.com");
    }
}

store_test! {
    async fn a_token_is_good_once_for_one_thing_until_its_end(store: Store) {
        let user = user(&store).await;
        let tokens = [(); 3].map(|()| PlainToken::random("mp_"));
        let mut tx = store.begin().await.unwrap();
        for (token, purpose) in tokens.iter().zip([Purpose::ResetPassword, Purpose::ResetPassword, Purpose::VerifyEmail]) {
            let email = "ada@example.com".parse().unwrap();
            let new = NewToken { user, purpose, hash: token.hash(), email, expires_at: Millis(10) };
            tx.token_insert(&new, Millis(0)).await.unwrap();
        }
        let [one, other, verify] = tokens.map(|token| token.hash());
        assert_eq!(tx.token_use(&one, Purpose::VerifyEmail, Millis(9)).await.unwrap(), None);
        assert_eq!(tx.token_use(&one, Purpose::ResetPassword, Millis(10)).await.unwrap(), None);
        assert_eq!(tx.token_get(&one, Purpose::ResetPassword, Millis(10)).await.unwrap(), None);
        let known = tx.token_get(&one, Purpose::ResetPassword, Millis(9)).await.unwrap().unwrap();
        assert_eq!((known.user, known.email.as_str()), (user, "ada@example.com"));
        assert_eq!(tx.token_use(&one, Purpose::ResetPassword, Millis(9)).await.unwrap(), Some(known));
        for used in [&one, &other] {
            assert_eq!(tx.token_use(used, Purpose::ResetPassword, Millis(9)).await.unwrap(), None);
            assert_eq!(tx.token_get(used, Purpose::ResetPassword, Millis(9)).await.unwrap(), None);
        }
        assert!(tx.token_use(&verify, Purpose::VerifyEmail, Millis(9)).await.unwrap().is_some());
        assert_eq!((tx.token_purge(Millis(9)).await.unwrap(), tx.token_purge(Millis(10)).await.unwrap()), (0, 3));
        tx.commit().await.unwrap();
    }
}

store_test! {
    async fn an_address_is_proved_once(store: Store) {
        let user = user(&store).await;
        for moment in [Millis(5), Millis(6)] {
            let mut tx = store.begin().await.unwrap();
            tx.user_verify(user, moment).await.unwrap();
            tx.commit().await.unwrap();
        }
        let found = store.read().await.unwrap().user_get(user).await.unwrap().unwrap();
        assert_eq!((found.email_verified_at, found.version), (Some(Millis(5)), 2));
    }
}
