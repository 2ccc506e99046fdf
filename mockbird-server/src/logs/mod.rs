//! What happened: each request to a mock becomes one record, which is shown live and stored.

mod feed;

pub use feed::{FEED_RECORDS, FOLLOWERS_MAX, FollowError, Following, LogFeed};
