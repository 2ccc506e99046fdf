//! One mock server with so many mocks: `rival_server NAME COUNT KIND`.
#![expect(clippy::print_stdout, reason = "the harness waits for this line")]

mod mounted;

use std::thread::park;

use mounted::{Kind, Library};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().and_then(|name| Library::parse(&name));
    let count = arguments.next().and_then(|count| count.parse().ok());
    let kind = arguments.next().and_then(|kind| Kind::parse(&kind));
    let (Some(library), Some(count), Some(kind)) = (library, count, kind) else {
        println!("usage: rival_server NAME COUNT template|exact");
        return;
    };
    let server = library.start();
    server.mount(count, kind);
    println!("listening on http://{}", server.address());
    loop {
        park();
    }
}
