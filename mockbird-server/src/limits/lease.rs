//! Permits of a window that many nodes share: taken several at a time, and given out without asking again.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::packed::{last_bits, pack, unpack};
use super::window::{Limit, Standing, TooOften, Verdict};
use crate::domain::Millis;

/// Where the windows are that nodes share.
pub trait Lender: fmt::Debug + Send + Sync {
    /// Whether it is worth to ask it: where not, each node counts for itself, and nobody waits.
    fn is_there(&self) -> bool;

    /// Takes permits, at least the one that is asked for, of the window of this name and key; in one round trip, and in
    /// bounded time. `None` if it did not answer: then the node counts for itself.
    fn lend<'a>(
        &'a self,
        name: &'static str,
        key: &'a (dyn fmt::Display + Sync),
        limit: Limit,
    ) -> Pin<Box<dyn Future<Output = Option<Loan>> + Send + 'a>>;
}

/// What a lender gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loan {
    /// So many requests may be admitted.
    Permits {
        /// How many, from one.
        permits: u16,
        /// How many the shared window has beside them.
        rest: u16,
        /// For how long: what is not used by then counts as used.
        good_for: Duration,
    },
    /// None is left.
    Full {
        /// After which time there may be one.
        retry_after: Duration,
    },
}

/// What a node knows of one shared window: eight bytes, which change without a lock.
#[derive(Debug, Default)]
pub struct Lease(AtomicU64);

/// The same, taken apart. No permits and no end is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Terms {
    /// The last 32 bits of the moment at which it ends.
    end: u32,
    permits: u16,
    /// What the shared window had beside them; [`FULL`] where it had nothing at all.
    rest: u16,
}

/// Marks a window of which nothing is left.
const FULL: u16 = u16::MAX;

impl Lease {
    /// Gives out a permit, or says that there is none; `None` if the lender must be asked.
    pub(super) fn ask(&self, limit: Limit, now: Millis) -> Option<Verdict> {
        let mut verdict = None;
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
                let terms = Terms::unpack(word);
                verdict = terms.ask(limit, now);
                let taken = Terms {
                    permits: terms.permits.saturating_sub(1),
                    ..terms
                };
                matches!(verdict, Some(Ok(_))).then(|| taken.pack())
            });
        verdict
    }

    /// Whether there is an answer, without giving out anything.
    pub(super) fn knows(&self, limit: Limit, now: Millis) -> bool {
        let terms = Terms::unpack(self.0.load(Ordering::Relaxed));
        terms.ask(limit, now).is_some()
    }

    /// How many requests count at the moment: none once it has ended.
    pub(super) fn used(&self, limit: Limit, now: Millis) -> u32 {
        let terms = Terms::unpack(self.0.load(Ordering::Relaxed));
        let remaining = match (terms.goes_on(limit, now), terms.rest) {
            (None, _) => limit.count(),
            (Some(_), FULL) => 0,
            (Some(_), _) => terms.standing(limit, terms.permits).remaining,
        };
        u32::from(limit.count() - remaining)
    }

    /// Keeps what was lent, beside what is left of an earlier loan, and gives out the permit that was asked for.
    pub(super) fn take(&self, loan: Loan, limit: Limit, now: Millis) -> Verdict {
        let end = |wait: Duration| last_bits(now.after(wait));
        match loan {
            Loan::Full { retry_after } => {
                let full = Terms {
                    end: end(retry_after),
                    permits: 0,
                    rest: FULL,
                };
                self.0.store(full.pack(), Ordering::Relaxed);
                Err(TooOften {
                    limit: limit.count(),
                    retry_after,
                })
            }
            Loan::Permits {
                permits,
                rest,
                good_for,
            } => {
                let lent = Terms {
                    end: end(good_for),
                    permits: permits.saturating_sub(1),
                    rest: rest.min(FULL - 1),
                };
                let _ = self
                    .0
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
                        let earlier = Terms::unpack(word);
                        let left = earlier.goes_on(limit, now).map_or(0, |_| earlier.permits);
                        let permits = lent.permits.saturating_add(left);
                        Some(Terms { permits, ..lent }.pack())
                    });
                Ok(lent.standing(limit, lent.permits))
            }
        }
    }

    /// Forgets what was lent.
    pub(super) fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Terms {
    fn unpack(word: u64) -> Self {
        let (end, permits, rest) = unpack(word);
        Self { end, permits, rest }
    }

    fn pack(self) -> u64 {
        pack(self.end, self.permits, self.rest)
    }

    /// How long it still goes; `None` if it has ended. Nothing goes for more than two periods: that is an old one, whose bits
    /// look like a moment to come, or the clock was set back.
    fn goes_on(self, limit: Limit, now: Millis) -> Option<Duration> {
        let ms = self.end.wrapping_sub(last_bits(now));
        let left = Duration::from_millis(ms.into());
        (ms > 0 && left <= 2 * limit.period()).then_some(left)
    }

    fn ask(self, limit: Limit, now: Millis) -> Option<Verdict> {
        let left = self.goes_on(limit, now)?;
        if self.rest == FULL {
            return Some(Err(TooOften {
                limit: limit.count(),
                retry_after: left,
            }));
        }
        let left = self.permits.checked_sub(1)?;
        Some(Ok(self.standing(limit, left)))
    }

    fn standing(self, limit: Limit, left: u16) -> Standing {
        Standing {
            limit: limit.count(),
            remaining: left.saturating_add(self.rest).min(limit.count()),
            reset: 2 * limit.period(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::config::Rate;
    use crate::limits::{Limiter, Meter, Window, at_once};

    /// Lends up to three permits of a window in memory.
    #[derive(Debug, Default)]
    struct Bank {
        window: Window,
        now: AtomicU64,
        away: AtomicBool,
        asked: AtomicU64,
    }

    const GOOD_FOR: Duration = Duration::from_millis(50);

    impl Lender for Bank {
        fn is_there(&self) -> bool {
            !self.away.load(Ordering::Relaxed)
        }

        fn lend<'a>(
            &'a self,
            _: &'static str,
            _: &'a (dyn fmt::Display + Sync),
            limit: Limit,
        ) -> Pin<Box<dyn Future<Output = Option<Loan>> + Send + 'a>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let now = Millis(self.now.load(Ordering::Relaxed).cast_signed());
            let mut lent = (0..3).map_while(|_| self.window.ask(limit, now).ok());
            let loan = match (lent.next(), lent.last()) {
                (Some(one), None) => Loan::Permits {
                    permits: 1,
                    rest: one.remaining,
                    good_for: GOOD_FOR,
                },
                (Some(one), Some(last)) => Loan::Permits {
                    permits: one.remaining - last.remaining + 1,
                    rest: last.remaining,
                    good_for: GOOD_FOR,
                },
                (None, _) => {
                    let often = self.window.ask(limit, now).unwrap_err();
                    Loan::Full {
                        retry_after: often.retry_after,
                    }
                }
            };
            Box::pin(async move { Some(loan) })
        }
    }

    fn limit(count: u16) -> Limit {
        Limit::from(Rate {
            count,
            period: Duration::from_secs(1),
        })
    }

    fn ask(bank: &Arc<Bank>, meter: &Meter, limit: Limit, now: i64) -> Verdict {
        bank.now.store(now.cast_unsigned(), Ordering::Relaxed);
        let limiter = Limiter::new("test", Some(Arc::clone(bank) as Arc<dyn Lender>));
        at_once(limiter.ask(meter, &1, limit, Millis(now)))
    }

    #[test]
    fn nodes_hold_one_limit_and_ask_seldom() {
        let (bank, nodes, limit) = (
            Arc::new(Bank::default()),
            [Meter::default(), Meter::default()],
            limit(10),
        );
        let admitted = (0..20).filter(|at| ask(&bank, &nodes[at % 2], limit, 7).is_ok());
        assert_eq!(admitted.count(), 10);
        // Four loans, and each node hears once that nothing is left.
        assert_eq!(bank.asked.load(Ordering::Relaxed), 6);
        let often = ask(&bank, &nodes[0], limit, 507).unwrap_err();
        assert_eq!((often.limit, often.retry_after.as_millis()), (10, 500));
        assert_eq!(bank.asked.load(Ordering::Relaxed), 6);
        assert!(ask(&bank, &nodes[0], limit, 1_007).is_ok());
    }

    #[test]
    fn it_knows_how_much_of_the_shared_window_is_used() {
        let (bank, limit) = (Arc::new(Bank::default()), limit(4));
        let (one, other) = (Meter::default(), Meter::default());
        let used = |meter: &Meter, now| meter.used(limit, Millis(now));
        assert!(ask(&bank, &one, limit, 0).is_ok());
        assert_eq!((used(&one, 0), used(&other, 0)), (1, 0));
        // The last permit is the other's, which then hears that there is none.
        for is_admitted in [true, false] {
            assert_eq!(ask(&bank, &other, limit, 0).is_ok(), is_admitted);
            assert_eq!((used(&other, 0), used(&other, 1_000)), (4, 0));
        }
    }

    #[test]
    fn what_is_not_used_in_time_is_gone() {
        let (bank, meter, limit) = (Arc::new(Bank::default()), Meter::default(), limit(4));
        assert_eq!(ask(&bank, &meter, limit, 0).unwrap().remaining, 3);
        assert_eq!(ask(&bank, &meter, limit, 49).unwrap().remaining, 2);
        assert_eq!(ask(&bank, &meter, limit, 50).unwrap().remaining, 0);
        assert!(ask(&bank, &meter, limit, 51).is_err());
    }

    #[test]
    fn a_node_counts_for_itself_while_nobody_lends() {
        let (bank, meter, limit) = (Arc::new(Bank::default()), Meter::default(), limit(2));
        bank.away.store(true, Ordering::Relaxed);
        let limiter = Limiter::new("test", Some(Arc::clone(&bank) as Arc<dyn Lender>));
        assert!(limiter.knows(&meter, limit, Millis(0)));
        let verdicts = [(); 3].map(|()| at_once(limiter.ask(&meter, &1, limit, Millis(0))).is_ok());
        assert_eq!(verdicts, [true, true, false]);
        bank.away.store(false, Ordering::Relaxed);
        assert!(
            !limiter.knows(&meter, limit, Millis(0)),
            "the others may have room"
        );
        assert!(at_once(limiter.ask(&meter, &1, limit, Millis(0))).is_ok());
        assert!(limiter.knows(&meter, limit, Millis(0)), "permits are left");
    }

    proptest! {
        /// Whatever nodes ask when, together they admit what one that lends to nobody would, but for permits that ran out.
        #[test]
        fn nodes_never_admit_more_than_was_lent(asked in vec((0..3_usize, 0..100_i64), 1..200), count in 1..20_u16) {
            let (bank, limit) = (Arc::new(Bank::default()), limit(count));
            let nodes = [Meter::default(), Meter::default(), Meter::default()];
            let (mut now, mut admitted) = (0, Vec::new());
            for (node, gap) in asked {
                now += gap;
                if ask(&bank, &nodes[node], limit, now).is_ok() {
                    admitted.push(now);
                }
            }
            // A permit is used up to its time later than it counted.
            let stretch = 1_000 - i64::try_from(GOOD_FOR.as_millis()).unwrap();
            for end in &admitted {
                let within = admitted.iter().filter(|at| **at > end - stretch && *at <= end);
                prop_assert!(within.count() <= 2 * usize::from(count));
            }
        }
    }
}
