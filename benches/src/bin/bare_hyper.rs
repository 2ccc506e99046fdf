//! The limit: hyper with one fixed JSON body, no routing, no options.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mockbird_benches::BODY;
use tokio::net::{TcpListener, TcpStream};

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(BODY.as_bytes())));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

async fn serve(stream: TcpStream) {
    // Without it replies may wait for the next packet; a failure shows in the figures.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    // A connection that ends in an error is the load generator's end of a round.
    let _ = http
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service_fn(hello))
        .await;
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the harness waits for this line")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream));
    }
}
