//! What hosts rely on when they share an engine between threads.

use std::panic::{RefUnwindSafe, UnwindSafe};

use mockbird_core::{Answer, Counters, Engine, Env, Invalid, Mock, Outcome, ReadError};

fn shared<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
fn sent<T: Send + Sync + Unpin>() {}

#[test]
fn public_types_cross_threads() {
    shared::<Engine>();
    shared::<Mock>();
    shared::<Counters>();
    shared::<Env<'_>>();
    shared::<Invalid>();
    shared::<ReadError>();
    sent::<Outcome<'_>>();
    sent::<Answer<'_>>();
}

#[test]
fn an_engine_is_cheap_to_clone() {
    fn is_clone<T: Clone + std::fmt::Debug>() {}
    is_clone::<Engine>();
}
