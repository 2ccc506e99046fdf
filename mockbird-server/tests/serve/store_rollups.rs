//! What is counted of requests: by batches, by servers at once, and by the hour and the day.

use std::collections::HashMap;

use mockbird_server::domain::{
    AnsweredBy, LogIds, LogRecord, Millis, Minute, MockId, OrganizationId, Period, ProjectId,
    Rollup, Scope,
};
use mockbird_server::store::{RollupAt, Store};

use crate::support::database::{TestDatabase, store_test};

/// The first moment of 2026-11-28.
pub(crate) const MIDNIGHT: Millis = Millis(1_795_824_000_000);

const MINUTE_MS: i64 = Period::Minute.length_ms();
const HOUR_MS: i64 = Period::Hour.length_ms();
const DAY_MS: i64 = Period::Day.length_ms();

/// Whose requests a test counts.
pub(crate) struct Counted {
    pub(crate) organization: OrganizationId,
    pub(crate) project: ProjectId,
    pub(crate) mocks: Vec<MockId>,
    random: fastrand::Rng,
}

impl Counted {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            organization: OrganizationId::new(MIDNIGHT),
            project: ProjectId::new(MIDNIGHT),
            mocks: (0..5).map(|_| MockId::new(MIDNIGHT)).collect(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// A request at this moment, of which everything that is counted is left to chance.
    pub(crate) fn request(&mut self, at: Millis) -> LogRecord {
        let random = &mut self.random;
        let mock = random
            .choice(&self.mocks)
            .copied()
            .filter(|_| random.u8(..) > 60);
        LogRecord {
            // Those of one server would not go back in time.
            id: LogIds::default().next(at),
            organization: self.organization,
            project: self.project,
            mock,
            response: None,
            at,
            answered_by: mock.map_or(AnsweredBy::Nobody, |_| AnsweredBy::Mock),
            method: "GET".to_owned(),
            path: format!("/birds/{}", random.u8(..40)).into_bytes(),
            query: None,
            headers: Vec::new(),
            body: None,
            status: mock.map_or(404, |_| random.choice([200, 204, 302, 500]).unwrap()),
            response_bytes: random.u64(..10_000),
            engine_us: random.u64(..5_000),
            delay_ms: random.choice([0, 0, 0, 250]).unwrap(),
            client: [192, 0, 2, random.u8(..)].into(),
            user_agent: None,
            near: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn requests(
        &mut self,
        number: usize,
        from: Millis,
        length_ms: i64,
    ) -> Vec<LogRecord> {
        let one = |_| {
            let at = Millis(from.0 + self.random.i64(0..length_ms));
            self.request(at)
        };
        (0..number).map(one).collect()
    }
}

pub(crate) async fn add(store: &Store, records: &[LogRecord]) {
    let mut tx = store.begin().await.unwrap();
    tx.rollups_add(records).await.unwrap();
    tx.commit().await.unwrap();
}

/// Makes what is there to be made, a few at a time.
async fn make(store: &Store, period: Period, now: Millis) {
    loop {
        let mut tx = store.begin().await.unwrap();
        let made = tx.rollups_make(period, Millis(0), now, 3).await.unwrap();
        tx.commit().await.unwrap();
        if made == 0 {
            return;
        }
    }
}

async fn since(store: &Store, scope: Scope, longest: Period) -> Vec<RollupAt> {
    let mut read = store.snapshot().await.unwrap();
    let all = read.rollups_since(scope, longest, Millis(0), Millis(i64::MAX));
    all.await.unwrap()
}

fn sum(rollups: &[RollupAt]) -> Rollup {
    rollups.iter().fold(Rollup::default(), |mut sum, one| {
        sum.merge(&one.rollup);
        sum
    })
}

/// What is kept of each minute is what the requests say.
async fn assert_counted(store: &Store, records: &[LogRecord]) {
    let mut by_scope: HashMap<Scope, Vec<(Minute, Rollup)>> = HashMap::new();
    for (minute, rollup) in Rollup::of_batch(records) {
        by_scope
            .entry(minute.scope)
            .or_default()
            .push((minute, rollup));
    }
    for (scope, mut expected) in by_scope {
        expected.sort_unstable_by_key(|(minute, _)| minute.start);
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(minute, rollup)| RollupAt {
                period: Period::Minute,
                start: minute.start,
                rollup,
            })
            .collect();
        assert_eq!(
            since(store, scope, Period::Minute).await,
            expected,
            "{scope:?}"
        );
    }
}

store_test! {
    async fn batches_add_up(store: Store) {
        let mut of = Counted::new(7);
        let records = of.requests(400, MIDNIGHT, 3 * MINUTE_MS);
        let (mut rest, mut cut) = (records.as_slice(), 1);
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(cut.min(rest.len()));
            add(&store, batch).await;
            (rest, cut) = (later, cut * 2);
        }
        add(&store, &[]).await;
        assert_counted(&store, &records).await;
    }
}

store_test! {
    async fn a_batch_that_is_given_up_counts_nothing(store: Store) {
        let mut of = Counted::new(7);
        let records = of.requests(20, MIDNIGHT, MINUTE_MS);
        let mut tx = store.begin().await.unwrap();
        tx.rollups_add(&records).await.unwrap();
        drop(tx);
        assert_eq!(since(&store, Scope::Project(of.project), Period::Day).await, []);
        add(&store, &records).await;
        assert_counted(&store, &records).await;
    }
}

store_test! {
    async fn servers_add_up_that_count_at_once(store: Store) {
        let mut of = Counted::new(7);
        let records = of.requests(600, MIDNIGHT, 4 * MINUTE_MS);
        let add_part = async |part: &[LogRecord]| {
            for batch in part.chunks(11) {
                add(&store, batch).await;
            }
        };
        let parts: Vec<_> = records.chunks(200).collect();
        let making = async {
            for _ in 0..10 {
                make(&store, Period::Hour, Millis(MIDNIGHT.0 + HOUR_MS)).await;
            }
        };
        tokio::join!(add_part(parts[0]), add_part(parts[1]), add_part(parts[2]), making);
        assert_counted(&store, &records).await;
        make(&store, Period::Hour, Millis(MIDNIGHT.0 + HOUR_MS)).await;
        let mut whole = Rollup::default();
        for record in &records {
            whole.count(record);
        }
        let hours = since(&store, Scope::Organization(of.organization), Period::Hour).await;
        assert_eq!(hours, [RollupAt { period: Period::Hour, start: MIDNIGHT, rollup: whole }]);
    }
}

store_test! {
    async fn hours_and_days_are_made_again_and_again_with_the_same_result(store: Store) {
        let mut of = Counted::new(7);
        let scope = Scope::Project(of.project);
        let records = of.requests(300, MIDNIGHT, 2 * DAY_MS);
        add(&store, &records).await;
        // The second day is not over, nor is its last hour.
        let now = Millis(MIDNIGHT.0 + 2 * DAY_MS - 1);
        let all = sum(&since(&store, scope, Period::Minute).await);
        let both = async || {
            make(&store, Period::Hour, now).await;
            make(&store, Period::Day, now).await;
        };
        for _ in 0..2 {
            tokio::join!(both(), both());
            let days = since(&store, scope, Period::Day).await;
            assert_eq!(sum(&days), all);
            assert_eq!(days.iter().filter(|one| one.period == Period::Day).count(), 1);
            assert!(days.iter().filter(|one| one.period == Period::Hour).all(|one| one.start.0 >= MIDNIGHT.0 + DAY_MS));
            assert!(days.iter().any(|one| one.period == Period::Minute), "the last hour goes on");
        }
        let late = of.requests(5, MIDNIGHT, HOUR_MS);
        add(&store, &late).await;
        assert_eq!(sum(&since(&store, scope, Period::Day).await), all, "not yet made");
        both().await;
        let mut more = all.clone();
        for record in &late {
            more.count(record);
        }
        assert_eq!(sum(&since(&store, scope, Period::Day).await), more);
        let mut read = store.snapshot().await.unwrap();
        assert_eq!(read.request_count_since(scope, MIDNIGHT).await.unwrap(), 305);
        let second = Millis(MIDNIGHT.0 + DAY_MS + 5);
        let of_second = records.iter().filter(|record| record.at.0 >= MIDNIGHT.0 + DAY_MS).count();
        assert_eq!(read.request_count_since(scope, second).await.unwrap(), of_second as u64);
    }
}

store_test! {
    async fn what_comes_after_its_minutes_were_removed_is_added(store: Store) {
        let mut of = Counted::new(7);
        let scope = Scope::Organization(of.organization);
        let (early, late) = (of.requests(30, MIDNIGHT, HOUR_MS), of.requests(20, MIDNIGHT, HOUR_MS));
        let (now, mut expected) = (Millis(MIDNIGHT.0 + 3 * DAY_MS), Rollup::default());
        for records in [early, late] {
            add(&store, &records).await;
            for _ in 0..2 {
                let mut tx = store.begin().await.unwrap();
                tx.rollups_make(Period::Hour, now, now, 50).await.unwrap();
                tx.commit().await.unwrap();
            }
            for record in &records {
                expected.count(record);
            }
            let hour = RollupAt { period: Period::Hour, start: MIDNIGHT, rollup: expected.clone() };
            assert_eq!(since(&store, scope, Period::Hour).await, [hour]);
            assert_eq!(since(&store, scope, Period::Minute).await, []);
        }
    }
}

store_test! {
    async fn old_rollups_are_removed_a_few_at_a_time(store: Store) {
        let mut of = Counted::new(7);
        add(&store, &[of.request(MIDNIGHT), of.request(Millis(MIDNIGHT.0 + HOUR_MS))]).await;
        let mut removed = 0;
        for _ in 0..10 {
            let mut tx = store.begin().await.unwrap();
            let few = tx.rollup_purge(Period::Minute, Millis(MIDNIGHT.0 + HOUR_MS), 1).await.unwrap();
            tx.commit().await.unwrap();
            assert!(few <= 1);
            removed += few;
        }
        assert!(removed == 2 || removed == 3, "project, organization, and a mock if one answered");
        let left = since(&store, Scope::Project(of.project), Period::Minute).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].start, Millis(MIDNIGHT.0 + HOUR_MS));
    }
}
