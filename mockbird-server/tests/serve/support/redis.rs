//! The Redis server that tests may use: all of them share it, as nobody finds what is another's.

use std::net::SocketAddr;

use redis::Client;
use redis::aio::MultiplexedConnection;

use super::door::Door;

/// What names it.
const SERVER: &str = "MOCKBIRD_TEST_REDIS";

/// Its address.
pub(crate) fn redis_url() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!(
            "{SERVER} names no Redis server: run `bash .ci/redis bash .ci/postgres cargo test -p mockbird-server --test serve`"
        )
    })
}

/// A door before it, and the address of the door.
pub(crate) async fn redis_door() -> (Door, String) {
    let url = redis_url();
    let server: SocketAddr = url.rsplit('/').next().unwrap().parse().unwrap();
    let door = Door::to(server).await;
    let url = format!("redis://{}", door.address());
    (door, url)
}

/// A connection of a stranger.
pub(crate) async fn redis_client() -> MultiplexedConnection {
    let client = Client::open(redis_url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}
