//! A hash map that is cheap to copy and to change: a tree of small tables, shared until written.
//!
//! A trie node may have 100,000 static children, and each edit of a router makes a new version of
//! it. Copying one table of that size would cost a millisecond; here an edit copies one table of
//! at most [`TABLE_MAX`] slots and the branches above it. Branches are wide, for each one on the way
//! to a slot is an access to memory: up to some 100,000 children there is one.

mod earliest;

use std::array;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Slots of a table before it is split.
const TABLE_MAX: usize = 512;
/// Entries of a branch before it is made a table again: well below a split, so that edits at the
/// border do not swing.
const BRANCH_MIN: usize = 192;
/// Each branch looks at this many bits of the hash.
const BITS: u32 = 8;
const FANOUT: usize = 1 << BITS;
/// The lowest bits find the place in a table, the bits from here on the branch.
const FIRST_BIT: u32 = 12;
/// Beyond this depth the hash has no bits left, and a table grows.
const LEVELS_MAX: u32 = (64 - FIRST_BIT) / BITS;

/// Seeds the hash of long texts, so that nobody can prepare texts that collide. What the hash is
/// never shows in an answer.
pub(super) type Seed = RandomState;

/// Something that knows when the first thing in it was defined.
pub(super) trait Defined {
    /// The smallest order in it.
    fn first(&self) -> i64;
}

/// A persistent hash map from a tag of 64 bits, and what the caller compares, to values.
#[derive(Clone)]
pub(super) enum Map<V> {
    Table(HashTable<Slot<V>>),
    Branch(Box<Branch<V>>),
}

/// It begins at a line of the cache: most slots of a large map are in none, and each line costs as much as all the rest.
#[derive(Clone)]
#[repr(align(64))]
pub(super) struct Slot<V> {
    tag: u64,
    value: V,
}

#[derive(Clone)]
pub(super) struct Branch<V> {
    len: usize,
    /// When the first of each child was defined; `i64::MAX` for an empty one.
    first: [i64; FANOUT],
    children: [Arc<Map<V>>; FANOUT],
    /// When the values defined first were, and their tags: to find them means to read whole tables, which
    /// no miss but the first after an edit has to.
    earliest: OnceLock<Box<[(i64, u64)]>>,
}

/// The tag of a text: itself and its length up to seven bytes, otherwise a hash.
#[inline]
pub(super) fn text_tag(bytes: &[u8], seed: &Seed) -> u64 {
    let len = bytes.len();
    let packed = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) if len < 8 => {
            let last = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - len));
            u64::from(u32::from_le_bytes(*first)) | last << 32
        }
        (Some(_), Some(_)) => {
            let mut hasher = seed.build_hasher();
            hasher.write(bytes);
            return hasher.finish() | HASHED;
        }
        // Up to three bytes: the first, middle and last are all of them.
        _ if len == 0 => 0,
        _ => u64::from(u32::from_le_bytes([
            bytes[0],
            bytes[len / 2],
            bytes[len - 1],
            0,
        ])),
    };
    packed | (len as u64) << 56
}

/// Marks a tag that is a hash: texts that have it may still differ.
const HASHED: u64 = 0xFF << 56;

/// Whether a tag of a text is the text.
pub(super) fn is_whole_text(tag: u64) -> bool {
    tag & HASHED != HASHED
}

/// Spreads a tag over all bits. It is a bijection, so short texts and keys never collide.
fn spread(tag: u64) -> u64 {
    let mixed = tag.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only the lowest bits count"
)]
fn child_index(hash: u64, level: u32) -> usize {
    (hash >> (FIRST_BIT + BITS * level)) as usize % FANOUT
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self::Table(HashTable::new())
    }
}

impl<V> Map<V> {
    pub(super) const SLOT_BYTES: usize = size_of::<Slot<V>>();

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Table(table) => table.len(),
            Self::Branch(branch) => branch.len,
        }
    }

    /// The value of this tag that `same` knows.
    #[inline]
    pub(super) fn get(&self, tag: u64, mut same: impl FnMut(&V) -> bool) -> Option<&V> {
        let hash = spread(tag);
        let mut map = self;
        let mut level = 0;
        loop {
            match map {
                Self::Table(table) => {
                    let slot = table.find(hash, |slot| slot.tag == tag && same(&slot.value));
                    return slot.map(|slot| &slot.value);
                }
                Self::Branch(branch) => map = &branch.children[child_index(hash, level)],
            }
            level += 1;
        }
    }

    /// Calls `each` with every value, in no order that means anything.
    pub(super) fn for_each<'m>(&'m self, each: &mut impl FnMut(&'m V)) {
        match self {
            Self::Table(table) => table.iter().for_each(|slot| each(&slot.value)),
            Self::Branch(branch) => branch
                .children
                .iter()
                .for_each(|child| child.for_each(each)),
        }
    }

    /// The bytes it holds on the heap, without what its values hold.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            // A slot and its control byte, for each slot there is room for.
            Self::Table(table) => table.allocation_size(),
            Self::Branch(branch) => {
                let child = |child: &Arc<Self>| match child.len() {
                    0 => 0,
                    _ => size_of::<Self>() + 16 + child.memory_bytes(),
                };
                let earliest = branch.earliest.get().map_or(0, |kept| size_of_val(&**kept));
                let children: usize = branch.children.iter().map(child).sum();
                size_of::<Branch<V>>() + earliest + children
            }
        }
    }
}

impl<V: Clone + Defined> Map<V> {
    /// When the first value was defined; `i64::MAX` if there is none.
    pub(super) fn first(&self) -> i64 {
        let first = match self {
            Self::Table(table) => table.iter().map(|slot| slot.value.first()).min(),
            Self::Branch(branch) => branch.first.iter().copied().min(),
        };
        first.unwrap_or(i64::MAX)
    }

    /// The value of this tag that `same` knows, to put something into that was defined at `order`.
    pub(super) fn get_mut(
        &mut self,
        tag: u64,
        order: i64,
        mut same: impl FnMut(&V) -> bool,
    ) -> Option<&mut V> {
        let hash = spread(tag);
        let mut map = self;
        let mut level = 0;
        loop {
            match map {
                Self::Table(table) => {
                    let slot = table.find_mut(hash, |slot| slot.tag == tag && same(&slot.value));
                    return slot.map(|slot| &mut slot.value);
                }
                Self::Branch(branch) => {
                    let at = child_index(hash, level);
                    branch.earliest.take();
                    branch.first[at] = branch.first[at].min(order);
                    map = Arc::make_mut(&mut branch.children[at]);
                }
            }
            level += 1;
        }
    }

    /// Adds a value that is not there yet.
    pub(super) fn insert(&mut self, tag: u64, value: V) {
        self.insert_slot(Slot { tag, value }, 0);
    }

    fn insert_slot(&mut self, slot: Slot<V>, level: u32) {
        if let Self::Table(table) = self
            && table.len() >= TABLE_MAX
            && level < LEVELS_MAX
        {
            *self = Self::split(std::mem::take(table), level);
        }
        let hash = spread(slot.tag);
        match self {
            Self::Table(table) => {
                table.insert_unique(hash, slot, |slot| spread(slot.tag));
            }
            Self::Branch(branch) => {
                let at = child_index(hash, level);
                branch.earliest.take();
                branch.len += 1;
                branch.first[at] = branch.first[at].min(slot.value.first());
                Arc::make_mut(&mut branch.children[at]).insert_slot(slot, level + 1);
            }
        }
    }

    fn split(table: HashTable<Slot<V>>, level: u32) -> Self {
        let empty = Arc::new(Self::default());
        let mut branch = Self::Branch(Box::new(Branch {
            len: 0,
            first: [i64::MAX; FANOUT],
            children: array::from_fn(|_| Arc::clone(&empty)),
            earliest: OnceLock::new(),
        }));
        for slot in table {
            branch.insert_slot(slot, level);
        }
        branch
    }

    /// Changes the value of this tag that `same` knows; `change` says whether to keep it.
    pub(super) fn change(
        &mut self,
        tag: u64,
        same: impl FnMut(&V) -> bool,
        change: impl FnOnce(&mut V) -> bool,
    ) {
        self.change_at(tag, same, change, 0);
    }

    /// Gives whether the value was removed.
    fn change_at(
        &mut self,
        tag: u64,
        mut same: impl FnMut(&V) -> bool,
        change: impl FnOnce(&mut V) -> bool,
        level: u32,
    ) -> bool {
        let hash = spread(tag);
        let removed = match self {
            Self::Table(table) => {
                let entry = table.find_entry(hash, |slot| slot.tag == tag && same(&slot.value));
                let Ok(mut entry) = entry else { return false };
                let removed = !change(&mut entry.get_mut().value);
                if removed {
                    entry.remove();
                }
                removed
            }
            Self::Branch(branch) => {
                let at = child_index(hash, level);
                branch.earliest.take();
                let child = Arc::make_mut(&mut branch.children[at]);
                let removed = child.change_at(tag, same, change, level + 1);
                branch.first[at] = child.first();
                branch.len -= usize::from(removed);
                removed
            }
        };
        if matches!(self, Self::Branch(branch) if branch.len < BRANCH_MIN) {
            *self = self.merged();
        }
        removed
    }

    /// All slots in one table.
    fn merged(&self) -> Self {
        let mut table = HashTable::with_capacity(self.len());
        self.for_each_slot(&mut |slot| {
            table.insert_unique(spread(slot.tag), slot.clone(), |slot| spread(slot.tag));
        });
        Self::Table(table)
    }

    fn for_each_slot(&self, each: &mut impl FnMut(&Slot<V>)) {
        match self {
            Self::Table(table) => table.iter().for_each(each),
            Self::Branch(branch) => {
                branch
                    .children
                    .iter()
                    .for_each(|child| child.for_each_slot(each));
            }
        }
    }
}
