//! What the world outside adds to one answer: time, randomness, the request's id, counts.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::Mock;
use crate::random::Random;

/// The surroundings of one answer, as values: the engine has no clock and no randomness of its own.
///
/// The same request with the same `Env` gets the same answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Env<'a> {
    /// The time, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// The id of this request (a UUID), for templates and logs.
    pub request_id: RequestId,
    /// Fresh random bits; not looked at where the engine has a seed.
    pub random: u64,
    /// How many answers each mock has given, kept by the host; needed only for seeded runs.
    pub counters: Option<&'a Counters>,
}

/// The id of one request, written as a UUID (RFC 9562).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestId(pub u128);

impl RequestId {
    /// A version 7 id of this time, its other bits random.
    ///
    /// ```
    /// use mockbird_core::RequestId;
    /// let id = RequestId::v7(1_700_000_000_000, [1, 2]);
    /// assert_eq!(id.to_string(), "018bcfe5-6800-7000-8000-000000000002");
    /// ```
    pub fn v7(now_ms: i64, random: [u64; 2]) -> Self {
        let time = u128::from(now_ms.cast_unsigned() & 0xFFFF_FFFF_FFFF);
        let high = u128::from(random[0] >> 52);
        let low = u128::from(random[1] & 0x3FFF_FFFF_FFFF_FFFF);
        Self(time << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
    }

    /// The length of its text.
    pub const LENGTH: usize = 36;

    /// Writes its text without allocating.
    pub fn encode(self, text: &mut [u8; Self::LENGTH]) -> &str {
        let mut bits = self.0;
        for (at, byte) in text.iter_mut().enumerate().rev() {
            if matches!(at, 8 | 13 | 18 | 23) {
                *byte = b'-';
                continue;
            }
            *byte = b"0123456789abcdef"[(bits & 0xF) as usize];
            bits >>= 4;
        }
        // Hyphens and hexadecimal digits are UTF-8.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; Self::LENGTH]))
    }
}

/// How many answers each mock of an engine has given: one atomic number a mock, no lock.
#[derive(Debug, Default)]
pub struct Counters(Box<[AtomicU64]>);

impl Counters {
    /// Counters at zero, for mocks whose slots are below `slots`.
    pub(crate) fn with_slots(slots: usize) -> Self {
        Self((0..slots).map(|_| AtomicU64::new(0)).collect())
    }

    /// Takes over the counts of `earlier`, so that an edit of one mock does not restart the others.
    ///
    /// For engines made by `Engine::with`, where a mock keeps its counter; a spec that was compiled
    /// anew needs `Engine::counters_after`.
    pub fn carry(&self, earlier: &Self) {
        for (to, from) in self.0.iter().zip(&earlier.0) {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// The number of answers so far, counting this one from now on.
    fn next(&self, slot: u32) -> u64 {
        self.0
            .get(slot as usize)
            .map_or(0, |n| n.fetch_add(1, Ordering::Relaxed))
    }

    /// The number of answers so far.
    pub(crate) fn get(&self, slot: u32) -> u64 {
        self.0
            .get(slot as usize)
            .map_or(0, |n| n.load(Ordering::Relaxed))
    }

    /// Goes on from this number of answers.
    pub(crate) fn set(&self, slot: u32, count: u64) {
        if let Some(n) = self.0.get(slot as usize) {
            n.store(count, Ordering::Relaxed);
        }
    }
}

/// The chance of one answer: made only if something is drawn.
///
/// With a seed it depends on the seed, the mock and how many answers that mock has given, so that
/// other traffic does not change it (design section 4.3).
#[derive(Debug)]
pub(crate) struct Chance<'a> {
    env: &'a Env<'a>,
    seed: Option<u64>,
    /// False where nothing is answered, only foretold.
    counts: bool,
    random: Option<Random>,
}

impl<'a> Chance<'a> {
    pub(crate) fn new(env: &'a Env<'a>, seed: Option<u64>) -> Self {
        Self {
            env,
            seed,
            counts: true,
            random: None,
        }
    }

    /// Draws what the next answer will draw, and leaves that to be the next.
    pub(crate) fn foretell(&mut self) {
        self.counts = false;
    }

    /// The source of the random choices of this answer of `mock`; the answer is counted when it is first asked for.
    pub(crate) fn random(&mut self, mock: &Mock) -> &mut Random {
        self.random.get_or_insert_with(|| match self.seed {
            None => Random::mixed(&[self.env.random]),
            Some(seed) => {
                let count = match self.env.counters {
                    None => 0,
                    Some(counters) if self.counts => counters.next(mock.slot),
                    Some(counters) => counters.get(mock.slot),
                };
                Random::mixed(&[seed, mock.identity, count])
            }
        })
    }
}
