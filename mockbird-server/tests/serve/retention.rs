//! How long requests, and what was counted of them, are kept: days and months by clocks that tests set.

use std::collections::BTreeMap;
use std::time::Duration;

use mockbird_server::domain::{
    Clock, LogRecord, Millis, MockId, OrganizationId, Period, Plan, ProjectId, Scope, Slug,
};
use mockbird_server::store::{NewOrganization, NewProject, Store};

use crate::store_logins::user;
use crate::store_logs::{bytes, logged};
use crate::store_rollups::{Counted, MIDNIGHT, add};
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::specs;

const DAY: Duration = Duration::from_hours(24);

/// The ages of what there is, in days.
const AGES: [u32; 5] = [0, 8, 31, 91, 120];

/// Noon.
fn now() -> Millis {
    MIDNIGHT.after(DAY / 2)
}

async fn organization(store: &Store, plan: Plan) -> OrganizationId {
    let user = user(store).await;
    let new = NewOrganization {
        id: OrganizationId::new(MIDNIGHT),
        name: "Birds".to_owned(),
        slug: Slug::of_name("birds").numbered(fastrand::u32(..)),
        plan,
        is_personal: false,
        created_by: user,
    };
    let mut tx = store.begin().await.unwrap();
    tx.organization_insert(&new, MIDNIGHT).await.unwrap();
    tx.commit().await.unwrap();
    new.id
}

/// A project with one mock.
async fn project(store: &Store, organization: OrganizationId) -> (ProjectId, MockId) {
    let project = NewProject {
        id: ProjectId::new(MIDNIGHT),
        organization,
        name: "Shop".to_owned(),
        slug: Slug::of_name("shop").numbered(fastrand::u32(..)),
        created_by: None,
    };
    let spec = specs::read(r#"{"name": "Shop", "mocks": [{"path": "/", "responses": [{}]}]}"#);
    let mut tx = store.begin().await.unwrap();
    tx.project_insert(&project, MIDNIGHT).await.unwrap();
    tx.project_spec_save(organization, project.id, &spec, None, MIDNIGHT)
        .await
        .unwrap();
    let mocks = tx.mock_places(project.id).await.unwrap();
    tx.commit().await.unwrap();
    (project.id, mocks[0].id)
}

async fn log(store: &Store, records: &[LogRecord]) {
    let mut tx = store.begin().await.unwrap();
    tx.logs_insert(records).await.unwrap();
    tx.rollups_add(records).await.unwrap();
    tx.commit().await.unwrap();
}

/// Servers of one database at this moment, whose jobs run at once and beside each other.
async fn servers(database: &TestDatabase, now: Millis) -> [TestApp; 3] {
    let server = || TestApp::at(Clock::fixed(now), database.shared(), &[]);
    tokio::join!(server(), server(), server()).into()
}

async fn stop(servers: [TestApp; 3]) {
    for server in servers {
        server.stop().await;
    }
}

/// Waits until a question is answered like this.
async fn becomes<T: PartialEq + std::fmt::Debug>(expected: T, ask: impl AsyncFn() -> T) {
    for _ in 0..1_000 {
        if ask().await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ask().await, expected);
}

async fn plans_keep_for_their_days(database: TestDatabase) {
    let store = database.open().await;
    let mut expected = BTreeMap::new();
    for (plan, kept) in [
        (Plan::Free, 1),
        (Plan::Pro, 2),
        (Plan::Team, 3),
        (Plan::Unlimited, 3),
    ] {
        let mut of = Counted::new(7);
        of.organization = organization(&store, plan).await;
        for age in AGES {
            let at = now().before(DAY * age);
            let mut tx = store.begin().await.unwrap();
            tx.log_partitions_make(at, 0).await.unwrap();
            tx.commit().await.unwrap();
            log(&store, &[of.request(at)]).await;
        }
        expected.insert(of.organization.to_string(), kept);
    }
    let apps = servers(&database, now()).await;
    let kept = async || {
        let mut kept = BTreeMap::new();
        for organization in logged(&database.config.engine, "organization_id").await {
            *kept.entry(organization).or_insert(0) += 1;
        }
        kept
    };
    becomes(expected, kept).await;
    if database.file().is_none() {
        let sql = "select convert_to(relname::text, 'utf8') from pg_class where relname like 'request_logs_2026%' \
             and relkind = 'r' order by relname limit 1";
        let earliest = bytes(&database.config.engine, sql).await;
        // The day that is 31 days ago has one, and so has the day before it.
        assert_eq!(
            earliest,
            [Some(b"request_logs_20261027".to_vec())],
            "the days that nobody keeps are dropped"
        );
    }
    stop(apps).await;
    store.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_keep_for_their_days_on_sqlite() {
    plans_keep_for_their_days(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_keep_for_their_days_on_postgres() {
    plans_keep_for_their_days(TestDatabase::postgres().await).await;
}

/// How many rollups there are of each period.
async fn periods(database: &TestDatabase) -> [usize; 3] {
    let mut counts = [0; 3];
    let names = [Period::Minute, Period::Hour, Period::Day].map(Period::name);
    for (count, name) in counts.iter_mut().zip(names) {
        let sql = format!("select latencies from request_rollups where period = '{name}'");
        *count = bytes(&database.config.engine, &sql).await.len();
    }
    counts
}

/// A server that was off for months makes hours and days of what it finds before it removes the minutes.
async fn minutes_end_in_hours_and_days(database: TestDatabase) {
    let store = database.open().await;
    let mut of = Counted::new(7);
    of.mocks.clear();
    for age in AGES {
        add(&store, &[of.request(now().before(DAY * age))]).await;
    }
    let apps = servers(&database, now().after(Duration::from_hours(1))).await;
    // Of the project and of its organization: minutes of today, hours of three months, days of all, of which today's is not made yet.
    becomes([2, 6, 10], async || periods(&database).await).await;
    let mut read = store.snapshot().await.unwrap();
    let all = read
        .request_count_since(Scope::Project(of.project), Millis(0))
        .await;
    assert_eq!(all.unwrap(), 5);
    drop(read);
    stop(apps).await;
    store.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn minutes_end_in_hours_and_days_on_sqlite() {
    minutes_end_in_hours_and_days(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn minutes_end_in_hours_and_days_on_postgres() {
    minutes_end_in_hours_and_days(TestDatabase::postgres().await).await;
}

async fn what_is_gone_for_good_takes_its_requests_along(database: TestDatabase) {
    let store = database.open().await;
    let (kept, gone) = (
        organization(&store, Plan::Unlimited).await,
        organization(&store, Plan::Unlimited).await,
    );
    let (stays, goes, of_gone) = (
        project(&store, kept).await,
        project(&store, kept).await,
        project(&store, gone).await,
    );
    for (organization, (project, mock)) in [(kept, stays), (kept, goes), (gone, of_gone)] {
        let mut of = Counted::new(7);
        (of.organization, of.project, of.mocks) = (organization, project, vec![mock]);
        log(&store, &of.requests(20, MIDNIGHT, 1)).await;
    }
    let mut tx = store.begin().await.unwrap();
    let long_ago = now().before(DAY * 91);
    tx.organization_delete(gone, Some(long_ago), long_ago)
        .await
        .unwrap();
    tx.project_delete(kept, goes.0, Some(long_ago), long_ago)
        .await
        .unwrap();
    tx.mock_delete(stays.0, &[stays.1], now()).await.unwrap();
    tx.commit().await.unwrap();
    let apps = servers(&database, now()).await;
    let left = async || {
        let logs = logged(&database.config.engine, "project_id").await;
        let sql = "select latencies from request_rollups where period = 'minute'";
        (logs, bytes(&database.config.engine, sql).await.len())
    };
    // What a mock answered that was deleted is still what was asked of its project.
    becomes((vec![stays.0.to_string(); 20], 2), left).await;
    stop(apps).await;
    // What came late goes a day later.
    let mut of = Counted::new(7);
    (of.organization, of.project) = (gone, of_gone.0);
    log(&store, &[of.request(now())]).await;
    let apps = servers(&database, now().after(DAY)).await;
    becomes((vec![stays.0.to_string(); 20], 2), left).await;
    becomes(0, async || {
        let mut read = store.read().await.unwrap();
        read.purged_scopes(Millis(i64::MAX), 9).await.unwrap().len()
    })
    .await;
    stop(apps).await;
    store.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_for_good_takes_its_requests_along_on_sqlite() {
    what_is_gone_for_good_takes_its_requests_along(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_for_good_takes_its_requests_along_on_postgres() {
    what_is_gone_for_good_takes_its_requests_along(TestDatabase::postgres().await).await;
}
