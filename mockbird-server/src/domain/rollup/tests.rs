use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::LogId;

/// A request of one of few mocks, paths and visitors, in one of few minutes.
fn any_record() -> impl Strategy<Value = LogRecord> {
    let numbers = (0..4_u64, 0..40_u8, 0..180_000_i64, 100..700_u16);
    let latency = (any::<u16>(), 0..3_u64);
    (numbers, latency).prop_map(|((mock, path, at, status), (engine_us, delay_ms))| {
        record(mock, path, Millis(at), status, (engine_us.into(), delay_ms))
    })
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u64) -> T {
    format!("00000000-0000-7000-8000-{number:012}")
        .parse()
        .unwrap()
}

fn record(
    mock: u64,
    path: u8,
    at: Millis,
    status: u16,
    (engine_us, delay_ms): (u64, u64),
) -> LogRecord {
    LogRecord {
        id: LogId::first_at(at),
        organization: id(90),
        project: id(80 + mock % 2),
        mock: (mock > 0).then(|| id(mock)),
        response: None,
        at,
        answered_by: if mock > 0 {
            AnsweredBy::Mock
        } else {
            AnsweredBy::Nobody
        },
        method: "GET".to_owned(),
        path: format!("/{path}").into_bytes(),
        query: None,
        headers: Vec::new(),
        body: None,
        status,
        response_bytes: u64::from(path),
        engine_us,
        delay_ms,
        client: [192, 0, 2, path].into(),
        user_agent: None,
        near: Vec::new(),
        notes: Vec::new(),
    }
}

fn of(records: &[LogRecord]) -> Rollup {
    let mut rollup = Rollup::default();
    for record in records {
        rollup.count(record);
    }
    rollup
}

fn merged(one: &Rollup, other: &Rollup) -> Rollup {
    let mut merged = one.clone();
    merged.merge(other);
    merged
}

#[test]
fn a_request_is_counted_for_all_that_it_concerns() {
    let at = Millis(119_999);
    let records = [
        record(1, 7, at, 201, (250, 2)),
        record(0, 7, at, 404, (30, 0)),
    ];
    let rollups = Rollup::of_batch(&records);
    let of = |scope| {
        let found = rollups.iter().find(|(minute, _)| minute.scope == scope);
        let (minute, rollup) = found.unwrap();
        assert_eq!(minute.start, Millis(60_000));
        rollup
    };
    assert_eq!(rollups.len(), 4);
    let mock = of(Scope::Mock(id(1)));
    assert_eq!(mock.counts.classes, [0, 1, 0, 0, 0]);
    assert_eq!(
        mock.latencies.percentile(100),
        Some(2_272),
        "2,250 µs, by its bucket"
    );
    assert_eq!(of(Scope::Project(id(81))), mock);
    assert_eq!(of(Scope::Project(id(80))).counts.unmatched, 1);
    let organization = of(Scope::Organization(id(90)));
    let expected = Counts {
        requests: 2,
        errors: 1,
        unmatched: 1,
        bytes: 14,
        classes: [0, 1, 0, 1, 0],
    };
    assert_eq!(organization.counts, expected);
    assert_eq!(organization.visitors.estimate(), 1);
    assert_eq!(organization.paths.top(9), [("/7".to_owned(), 2)]);
}

#[test]
fn periods_begin_and_end_in_utc() {
    let moment = Millis(1_795_824_000_000 + 3_661_001);
    let start = |period: Period| period.start_of(moment).0 - 1_795_824_000_000;
    assert_eq!(start(Period::Minute), 3_660_000);
    assert_eq!(start(Period::Hour), 3_600_000);
    assert_eq!(start(Period::Day), 0);
    let all: Vec<_> = Period::Hour.downwards().collect();
    assert_eq!(all, [Period::Hour, Period::Minute]);
}

proptest! {
    #[test]
    fn parts_add_up_in_any_order_and_grouping(
        one in vec(any_record(), 0..30),
        two in vec(any_record(), 0..30),
        three in vec(any_record(), 0..30),
    ) {
        let whole = of(&[one.clone(), two.clone(), three.clone()].concat());
        let [one, two, three] = [one, two, three].map(|records| of(&records));
        prop_assert_eq!(&merged(&merged(&one, &two), &three), &whole);
        prop_assert_eq!(&merged(&one, &merged(&two, &three)), &whole);
        prop_assert_eq!(&merged(&three, &merged(&two, &one)), &whole);
        prop_assert_eq!(&merged(&whole, &Rollup::default()), &whole);
    }

    #[test]
    fn minutes_of_a_batch_are_all_of_it(records in vec(any_record(), 0..60)) {
        let rollups = Rollup::of_batch(&records);
        let of_organization = rollups.iter().filter(|(minute, _)| minute.project.is_none());
        let all = of_organization.fold(Rollup::default(), |all, (_, rollup)| merged(&all, rollup));
        prop_assert_eq!(all, of(&records));
    }
}
