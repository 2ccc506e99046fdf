//! The conformance vectors through the hosted mock plane: each case is a project, at a host of its own.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use crate::mock_plane::publish_spec;
use crate::over_http::{Reply, bytes, cases, check, names, run_all};
use crate::store_rows::organization;
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::specs::read;
use crate::vectors::{Case, Request};

/// One case as a project, and once more for what must be repeatable.
fn slugs(number: usize) -> [String; 2] {
    [format!("case-{number}"), format!("case-{number}-again")]
}

/// Asks at the host of the project; what is about a host of its own, on ours.
fn send(address: SocketAddr, slug: &str, request: &Request) -> Reply {
    let (host, below) = (format!("{slug}.mocks.test"), format!("/m/{slug}"));
    let prefix = if names(request, "host") { &below } else { "" };
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&bytes(request, &host, prefix)).unwrap();
    Reply::read(&mut stream)
}

fn run(address: SocketAddr, number: usize, case: &Case) -> Result<(), String> {
    // What no project can be made of is for who makes it.
    if case.compile_error.is_some() {
        return Ok(());
    }
    let asks = |slug: String| move |request: &_| send(address, &slug, request);
    let [slug, again] = slugs(number);
    check(case, asks(slug), || Box::new(asks(again)))
}

async fn all_vectors(database: TestDatabase) {
    let app = TestApp::with(database, &[("mocks-domain", "mocks.test")]).await;
    let organization = organization(app.app.store()).await;
    let cases = Arc::new(cases());
    for (number, (_, case)) in cases.iter().enumerate() {
        if case.compile_error.is_some() {
            continue;
        }
        let mut spec = read(case.spec.get());
        spec.is_public = Some(true);
        spec.seed = Some(case.seed.unwrap_or(1));
        for slug in slugs(number) {
            publish_spec(&app, organization, &slug, &spec).await;
        }
    }
    let address = app.address;
    let ran = tokio::task::spawn_blocking(move || {
        run_all(&cases, |number, case| run(address, number, case));
    });
    ran.await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_vectors_pass_through_the_service_on_sqlite() {
    all_vectors(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_vectors_pass_through_the_service_on_postgres() {
    all_vectors(TestDatabase::postgres().await).await;
}
