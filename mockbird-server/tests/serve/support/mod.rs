//! What the tests stand on.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod door;
pub(crate) mod logs;
pub(crate) mod mail;
pub(crate) mod process;
pub(crate) mod projects;
pub(crate) mod redis;
pub(crate) mod specs;
