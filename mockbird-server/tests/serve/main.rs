//! `mockbird serve` through its public doors: the store on both engines, and the server over HTTP.
//!
//! Some need PostgreSQL, Redis and a mail server:
//! `bash .ci/smtp bash .ci/redis bash .ci/postgres cargo test -p mockbird-server --test serve`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop"
)]

mod support;

mod access_matrix;
mod admin;
mod analytics;
mod api_files;
mod api_ground;
mod api_invitations;
mod api_members;
mod api_mocks;
mod api_once;
mod api_orgs;
mod api_projects;
mod api_responses;
mod api_templates;
mod auth_keys;
mod auth_login;
mod auth_recovery;
mod auth_tokens;
mod auth_verification;
mod browser;
mod command;
mod conformance;
mod contract;
mod delays;
mod drain;
mod edge;
mod edits;
mod faults;
mod forged_addresses;
mod journey;
mod limits;
mod log_settings;
mod logs_batches;
mod logs_delivery;
mod logs_filter;
mod logs_kill;
mod logs_read;
mod logs_records;
mod logs_replay;
mod logs_secrets;
mod logs_tail;
mod mails;
mod memory;
mod mock_plane;
mod nodes;
mod nodes_limits;
mod nodes_processes;
mod nodes_redis;
mod nodes_tail;
mod observability;
mod outage;
#[path = "../over_http/mod.rs"]
mod over_http;
mod pages;
mod private_projects;
mod push_pull;
mod quotas;
mod refusals;
mod reports;
mod retention;
mod rollout;
mod store_logins;
mod store_logs;
mod store_mails;
mod store_migrations;
mod store_orgs;
mod store_purge;
mod store_rollups;
mod store_rows;
mod store_specs;
mod storm;
mod tenants;
mod tls;
mod usage;
#[expect(
    unreachable_pub,
    dead_code,
    reason = "shared with the tests of other crates, which look at what is refused, too"
)]
#[path = "../../../mockbird-core/tests/vectors/mod.rs"]
mod vectors;
