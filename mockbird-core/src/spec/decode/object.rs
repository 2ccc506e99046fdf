//! The members of an object, handed out by key; what is unknown or repeated is reported.

use std::marker::PhantomData;

use super::nearest::nearest;
use super::value::expected;
use crate::fault::{Faults, Place, shown};
use crate::json::{Member, Node, Value, repeated_keys};
use crate::spec::keys::{LEVELS, Level};

/// What is known of an object once its members are read.
pub(super) struct Object<K> {
    /// The members whose key begins with `x-`.
    pub(super) extensions: Vec<Member>,
    seen: u32,
    /// The keys that misspelt ones were taken for.
    meant: u32,
    keys: PhantomData<K>,
}

impl<K: Level> Object<K> {
    /// True if the key was there, whether its value was good or not.
    pub(super) fn has(&self, key: K) -> bool {
        self.seen & (1 << key.index()) != 0
    }

    /// True if the key is not there, and no misspelt one that has been reported stands for it.
    pub(super) fn lacks(&self, key: K) -> bool {
        (self.seen | self.meant) & (1 << key.index()) == 0
    }
}

/// Hands each known member of an object to `read`, in the order of the file; `None` if the value is
/// no object.
pub(super) fn object<K: Level>(
    node: Node,
    at: &Place<'_>,
    faults: &mut Faults,
    mut read: impl FnMut(K, Node, &Place<'_>, &mut Faults),
) -> Option<Object<K>> {
    let Value::Object(members) = node.value else {
        expected(K::HOLDER, &node, at, faults);
        return None;
    };
    let mut repeated = repeated_keys(&members).into_iter().peekable();
    let mut object = Object {
        extensions: Vec::new(),
        seen: 0,
        meant: 0,
        keys: PhantomData,
    };
    for (position, member) in members.into_iter().enumerate() {
        let place = at.key(&member.key);
        if repeated.next_if_eq(&position).is_some() {
            let message = format!("the key {} is repeated", shown(&member.key));
            faults.error_of_key(&place, message, "remove or rename one of them");
        } else if let Some(key) = K::from_name(&member.key) {
            object.seen |= 1 << key.index();
            read(key, member.value, &place, faults);
        } else if K::is_extension(&member.key) {
            object.extensions.push(member);
        } else {
            let meant = unknown_key::<K>(&member.key, &place, faults);
            object.meant |= meant.map_or(0, |key| 1 << key.index());
        }
    }
    Some(object)
}

/// Reports a key that is not known, and gives the one that is probably meant.
fn unknown_key<K: Level>(key: &str, at: &Place<'_>, faults: &mut Faults) -> Option<K> {
    if faults.is_full() {
        // Only counted: a text of nothing but unknown keys must not cost a search for each.
        faults.error_of_key(at, "", "");
        return None;
    }
    let elsewhere = LEVELS.iter().find(|(_, names)| names.contains(&key));
    let meant = match elsewhere {
        Some(_) => None,
        None => nearest(key, K::NAMES),
    };
    let hint = if let Some((holder, _)) = elsewhere {
        format!("`{key}` is a key of {holder}")
    } else if let Some(meant) = meant {
        format!("did you mean `{meant}`?")
    } else {
        format!(
            "known keys: {}; keys of your own begin with `x-`",
            K::NAMES.join(", ")
        )
    };
    faults.error_of_key(at, format!("{} has no key {}", K::HOLDER, shown(key)), hint);
    meant.and_then(K::from_name)
}
