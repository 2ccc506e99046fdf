#!/usr/bin/env bash
# How long a crate with one test takes to build from nothing: with the testkit, or with another mock server.
#
#     bash benches/build-time.sh prepare            # writes the crates, fetches what they need
#     bash benches/build-time.sh NAME               # builds one: testkit, httptest, httpmock, mockito or wiremock
#
# Build one after the other, alternating, on a machine that does nothing else.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${BUILD_TIME_FOLDER:-${TMPDIR:-/tmp}/mockbird-build-time}

crate() { # NAME DEPENDENCY TEST
  mkdir -p "$folder/$1/src" "$folder/$1/tests"
  printf '[package]\nname = "a-crate"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n[dev-dependencies]\n%s\n' "$2" >"$folder/$1/Cargo.toml"
  : >"$folder/$1/src/lib.rs"
  printf '%s\n' "$3" >"$folder/$1/tests/one.rs"
  (cd "$folder/$1" && cargo fetch --quiet --target x86_64-unknown-linux-gnu)
}

if [ "$1" = prepare ]; then
  crate testkit "mockbird-testkit = { path = \"$root/mockbird-testkit\" }" '
    use mockbird_testkit::prelude::*;
    #[test]
    fn one() {
        let server = MockServer::start().lenient();
        server.mount(get("/a").text("x"));
    }'
  crate httptest 'httptest = "0.16"' '
    use httptest::{Expectation, Server, matchers::request, responders::status_code};
    #[test]
    fn one() {
        let server = Server::run();
        server.expect(Expectation::matching(request::method_path("GET", "/a")).times(..).respond_with(status_code(200).body("x")));
    }'
  crate httpmock 'httpmock = "0.9"' '
    use httpmock::prelude::*;
    #[test]
    fn one() {
        let server = MockServer::start();
        server.mock(|when, then| {
            when.method(GET).path("/a");
            then.status(200).body("x");
        });
    }'
  crate mockito 'mockito = "1.7"' '
    #[test]
    fn one() {
        let mut server = mockito::Server::new();
        server.mock("GET", "/a").with_body("x").create();
    }'
  # Its tests need a runtime of their own.
  crate wiremock 'wiremock = "0.6"
tokio = { version = "1", features = ["macros", "rt"] }' '
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::{method, path}};
    #[tokio::test]
    async fn one() {
        let server = MockServer::start().await;
        Mock::given(method("GET")).and(path("/a")).respond_with(ResponseTemplate::new(200).set_body_string("x")).mount(&server).await;
    }'
  exit
fi

cd "$folder/$1"
rm -rf target
export CARGO_TARGET_DIR=$folder/$1/target
begin=$(date +%s.%N)
cargo test --offline --quiet --no-run -j2
end=$(date +%s.%N)
crates=$(cargo tree --offline -e normal,dev --prefix none --target x86_64-unknown-linux-gnu | sed 's/ (\*)//' | sort -u | wc -l)
echo "$1 $(echo "$end - $begin" | bc) s, $((crates - 1)) crates"
rm -rf target
