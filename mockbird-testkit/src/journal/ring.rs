//! The last requests of a server.
//!
//! Each request has a slot by its number, and a lock is held only for one slot: two requests never wait
//! for each other, and the slots are made as they are needed, so that a server starts at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::ReceivedRequest;

/// How much a journal keeps: of more, the oldest requests are forgotten and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) requests: usize,
    /// Of the requests' heads and bodies together.
    pub(crate) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            requests: 10_000,
            bytes: 64 << 20,
        }
    }
}

/// Slots that are made at once.
const SEGMENT: usize = 256;

type Slot = Mutex<Option<Kept>>;

/// A request, with what must be known of it to forget it: by then its own memory is far away.
#[derive(Debug)]
struct Kept {
    number: usize,
    bytes: usize,
    request: Arc<ReceivedRequest>,
}

#[derive(Debug)]
pub(super) struct Ring {
    bounds: Bounds,
    segments: Box<[OnceLock<Box<[Slot]>>]>,
    bytes: AtomicUsize,
    forgotten: AtomicUsize,
    /// The number of the newest request.
    newest: AtomicUsize,
    /// The number from which the oldest one is sought when there are too many bytes.
    oldest: Mutex<usize>,
}

impl Ring {
    pub(super) fn new(bounds: Bounds) -> Self {
        let segments = bounds.requests.max(1).div_ceil(SEGMENT);
        Self {
            bounds,
            segments: (0..segments).map(|_| OnceLock::new()).collect(),
            bytes: AtomicUsize::new(0),
            forgotten: AtomicUsize::new(0),
            newest: AtomicUsize::new(0),
            oldest: Mutex::new(0),
        }
    }

    /// Keeps a request in place of the one that is older by as many as there are slots.
    pub(super) fn add(&self, request: Arc<ReceivedRequest>) {
        let (number, bytes) = (request.number(), request.bytes());
        self.newest.fetch_max(number, Ordering::Relaxed);
        let total = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let mut slot = lock(self.slot(number));
        // One that was held up may come when its place is taken.
        let late = slot.as_ref().is_some_and(|kept| kept.number > number);
        let kept = Kept {
            number,
            bytes,
            request,
        };
        let forgotten = if late { Some(kept) } else { slot.replace(kept) };
        drop(slot);
        if let Some(forgotten) = forgotten {
            self.forget(forgotten);
        }
        if total > self.bounds.bytes {
            self.trim();
        }
    }

    /// Forgets the oldest requests until the others have few enough bytes.
    fn trim(&self) {
        let mut oldest = lock(&self.oldest);
        let newest = self.newest.load(Ordering::Relaxed);
        *oldest = (*oldest).max((newest + 1).saturating_sub(self.bounds.requests));
        while self.bytes.load(Ordering::Relaxed) > self.bounds.bytes && *oldest <= newest {
            let taken = lock(self.slot(*oldest)).take_if(|kept| kept.number == *oldest);
            if let Some(taken) = taken {
                self.forget(taken);
            }
            *oldest += 1;
        }
    }

    fn forget(&self, kept: Kept) {
        self.bytes.fetch_sub(kept.bytes, Ordering::Relaxed);
        self.forgotten.fetch_add(1, Ordering::Relaxed);
        drop(kept.request);
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(super) fn forgotten(&self) -> usize {
        self.forgotten.load(Ordering::Relaxed)
    }

    /// The requests that are kept, oldest first.
    pub(super) fn requests(&self) -> Vec<Arc<ReceivedRequest>> {
        let slots = self.slots().map(lock);
        let mut all: Vec<_> = slots
            .filter_map(|slot| Some(Arc::clone(&slot.as_ref()?.request)))
            .collect();
        all.sort_by_key(|request| request.number());
        all
    }

    pub(super) fn clear(&self) {
        for slot in self.slots() {
            if let Some(kept) = lock(slot).take() {
                self.forget(kept);
            }
        }
        self.forgotten.store(0, Ordering::Relaxed);
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        let made = self.segments.iter().filter_map(OnceLock::get);
        made.flat_map(|segment| segment.iter())
    }

    fn slot(&self, number: usize) -> &Slot {
        let at = number % self.bounds.requests.max(1);
        let segment = self.segments[at / SEGMENT].get_or_init(|| {
            let empty = || Mutex::new(None);
            (0..SEGMENT).map(|_| empty()).collect()
        });
        &segment[at % SEGMENT]
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: usize, body: usize) -> Arc<ReceivedRequest> {
        let head = http::Request::new(()).into_parts().0;
        let body = bytes::Bytes::from(vec![b'x'; body]);
        Arc::new(ReceivedRequest::new(number, &head, body, None))
    }

    fn numbers(ring: &Ring) -> Vec<usize> {
        ring.requests().iter().map(|one| one.number()).collect()
    }

    #[test]
    fn the_oldest_are_forgotten_by_number() {
        let ring = Ring::new(Bounds {
            requests: 3,
            ..Bounds::default()
        });
        for number in [1, 3, 2, 5, 4, 1] {
            ring.add(request(number, 0));
        }
        assert_eq!(numbers(&ring), [3, 4, 5]);
        assert_eq!(ring.forgotten(), 3);
        ring.clear();
        ring.add(request(6, 0));
        assert_eq!((numbers(&ring), ring.forgotten()), (vec![6], 0));
    }

    #[test]
    fn the_oldest_are_forgotten_by_bytes() {
        let ring = Ring::new(Bounds {
            bytes: 10_000,
            ..Bounds::default()
        });
        for number in 1..=3 {
            ring.add(request(number, 4_000));
        }
        assert_eq!(numbers(&ring), [2, 3]);
        ring.add(request(4, 20_000));
        assert_eq!(numbers(&ring), [0; 0], "one may be too large by itself");
        ring.add(request(5, 100));
        assert_eq!((numbers(&ring), ring.forgotten()), (vec![5], 4));
    }

    #[test]
    fn many_at_a_time_lose_nothing() {
        let ring = Ring::new(Bounds::default());
        std::thread::scope(|scope| {
            for first in 1..=8 {
                let ring = &ring;
                scope.spawn(move || (0..500).for_each(|n| ring.add(request(first + 8 * n, 10))));
            }
        });
        assert_eq!(numbers(&ring), (1..=4_000).collect::<Vec<_>>());
    }
}
