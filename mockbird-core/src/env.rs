//! What the world outside adds to one answer: time, randomness, the request's id, counts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::Mock;
use crate::random::Random;
use crate::spec::RateLimit;
use crate::window::Window;

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
    /// What the mocks were asked before, kept by the host; without it each call is the first one.
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

/// What the mocks of an engine were asked before: where it has a seed, how many answers each has given, and of those with a rate
/// limit the last calls. Atomic numbers, no lock; made by [`Engine::counters`](crate::Engine::counters).
#[derive(Debug, Default)]
pub struct Counters {
    /// By slot; none without a seed.
    answers: Box<[AtomicU64]>,
    /// By slot. Counters that take over from these share them, so that no call is forgotten that comes meanwhile.
    windows: BTreeMap<u32, Arc<Window>>,
}

impl Counters {
    /// Counters at zero, for mocks whose slots are below `slots`, of which some have limits.
    pub(crate) fn new<'l>(
        slots: usize,
        limits: impl Iterator<Item = (u32, &'l RateLimit)>,
    ) -> Self {
        Self {
            answers: (0..slots).map(|_| AtomicU64::new(0)).collect(),
            windows: limits
                .map(|(slot, limit)| (slot, Arc::new(Window::new(limit))))
                .collect(),
        }
    }

    /// True if nothing is counted: no answer depends on what was asked before.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.windows.is_empty()
    }

    /// Takes over what `earlier` has counted, so that an edit of one mock does not restart the others.
    ///
    /// For engines made by `Engine::with`, where a mock keeps its counter; a spec that was compiled
    /// anew needs `Engine::counters_after`.
    pub fn carry(&mut self, earlier: &Self) {
        for slot in 0..u32::try_from(self.answers.len()).unwrap_or(u32::MAX) {
            self.set(slot, earlier.get(slot));
        }
        for (slot, window) in &mut self.windows {
            go_on(window, earlier.windows.get(slot));
        }
    }

    /// Goes on for a mock where it was in `earlier`, in another slot.
    pub(crate) fn take_over(&mut self, slot: u32, earlier: &Self, earlier_slot: u32) {
        self.set(slot, earlier.get(earlier_slot));
        if let Some(window) = self.windows.get_mut(&slot) {
            go_on(window, earlier.windows.get(&earlier_slot));
        }
    }

    /// The last calls of a mock that has a rate limit.
    pub(crate) fn window(&self, slot: u32) -> Option<&Window> {
        self.windows.get(&slot).map(|window| &**window)
    }

    /// The number of answers so far, counting this one from now on.
    fn next(&self, slot: u32) -> u64 {
        self.answers
            .get(slot as usize)
            .map_or(0, |n| n.fetch_add(1, Ordering::Relaxed))
    }

    /// The number of answers so far.
    fn get(&self, slot: u32) -> u64 {
        self.answers
            .get(slot as usize)
            .map_or(0, |n| n.load(Ordering::Relaxed))
    }

    /// Goes on from this number of answers.
    fn set(&self, slot: u32, count: u64) {
        if let Some(n) = self.answers.get(slot as usize) {
            n.store(count, Ordering::Relaxed);
        }
    }
}

/// Takes the window of an earlier moment, unless that was one of another limit.
fn go_on(window: &mut Arc<Window>, earlier: Option<&Arc<Window>>) {
    if let Some(earlier) = earlier.filter(|earlier| earlier.is_like(window)) {
        *window = Arc::clone(earlier);
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

    /// True if the answer is counted as given.
    pub(crate) fn counts(&self) -> bool {
        self.counts
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
