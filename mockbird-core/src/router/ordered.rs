//! A sorted list of entries that is cheap to copy and to change: short chunks, shared.

use std::slice;
use std::sync::Arc;

use smallvec::SmallVec;

use super::entry::{Entry, MethodClass};

/// Entries of a chunk before it is split.
const CHUNK_MAX: usize = 128;

type Chunk<T> = Vec<T>;

/// Entries of one shape and method, best first. No chunk is empty.
#[derive(Clone)]
pub(super) struct Ordered<T> {
    chunks: Vec<Arc<Chunk<T>>>,
}

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T: Entry> Ordered<T> {
    /// Where an entry is or belongs: its chunk, and its place there.
    fn place(&self, entry: &T) -> (usize, Result<usize, usize>) {
        let rank = entry.rank();
        let later = self.chunks.partition_point(|chunk| chunk[0].rank() <= rank);
        let at = later.saturating_sub(1);
        let chunk = self.chunks.get(at).map_or(&[][..], |chunk| chunk);
        (at, chunk.binary_search_by_key(&rank, Entry::rank))
    }

    pub(super) fn insert(&mut self, entry: T) {
        let (at, Ok(place) | Err(place)) = self.place(&entry);
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(Arc::new(vec![entry]));
            return;
        };
        let chunk = Arc::make_mut(chunk);
        chunk.insert(place, entry);
        if chunk.len() > CHUNK_MAX {
            let rest = chunk.split_off(CHUNK_MAX / 2);
            self.chunks.insert(at + 1, Arc::new(rest));
        }
    }

    pub(super) fn remove(&mut self, entry: &T) {
        let (at, Ok(place)) = self.place(entry) else {
            return;
        };
        let chunk = Arc::make_mut(&mut self.chunks[at]);
        chunk.remove(place);
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// Takes out what `is_taken` says.
    pub(super) fn extract(&mut self, is_taken: impl Fn(&T) -> bool) -> Vec<T> {
        let taken: Vec<_> = self
            .iter()
            .filter(|entry| is_taken(entry))
            .cloned()
            .collect();
        for entry in &taken {
            self.remove(entry);
        }
        taken
    }
}

impl<T: Entry> Ordered<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    pub(super) fn run(&self, method: MethodClass) -> Option<Run<'_, T>> {
        let mut chunks = self.chunks.iter();
        let mut entries = chunks.next()?.iter();
        Some(Run {
            head: entries.next()?,
            entries,
            chunks,
            method,
        })
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let chunk = |chunk: &Arc<Chunk<T>>| size_of::<Chunk<T>>() + 24 + chunk.capacity() * 8;
        self.chunks.iter().map(chunk).sum()
    }
}

/// The runs of one or more shapes; few, unless an index or siblings of one class hit often.
pub(super) type Runs<'r, T> = SmallVec<[Run<'r, T>; 4]>;

/// Entries of one shape and method in order, the first of which is the next to be tried.
pub(super) struct Run<'r, T> {
    pub(super) head: &'r T,
    pub(super) method: MethodClass,
    entries: slice::Iter<'r, T>,
    chunks: slice::Iter<'r, Arc<Chunk<T>>>,
}

impl<'r, T: Entry> Run<'r, T> {
    pub(super) fn new(entries: &'r [T], method: MethodClass) -> Option<Self> {
        let (head, rest) = entries.split_first()?;
        Some(Self {
            head,
            method,
            entries: rest.iter(),
            chunks: [].iter(),
        })
    }

    /// Goes on to the next entry; false if there is none.
    pub(super) fn advance(&mut self) -> bool {
        loop {
            if let Some(head) = self.entries.next() {
                self.head = head;
                return true;
            }
            match self.chunks.next() {
                Some(chunk) => self.entries = chunk.iter(),
                None => return false,
            }
        }
    }

    /// Whether this entry goes before that of the other run.
    pub(super) fn goes_before(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.head, other.head);
        let (rank, other_rank) = (mine.rank(), theirs.rank());
        other_rank
            .priority
            .cmp(&rank.priority)
            .then_with(|| mine.pattern().specificity(theirs.pattern()))
            .then_with(|| self.method.cmp(&other.method))
            .then_with(|| rank.cmp(&other_rank))
            .is_lt()
    }
}
