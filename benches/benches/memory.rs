//! What 100,000 mocks weigh beyond their own text: the bytes on the heap that the engine holds on to.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use mockbird_benches::{BODY, engine, many};

const COUNT: usize = 100_000;

fn main() {
    let text = many(COUNT);
    let mut held = None;
    let heap = allocation_counter::measure(|| held = Some(engine(&text)));
    let Some(engine) = held else { return };
    let own = format!("GET /api/r{}/users/{{id}}{BODY}", COUNT / 2).len();
    let each = usize::try_from(heap.bytes_current).unwrap_or(0) / COUNT;
    println!(
        "{} mocks, each with {own} bytes of method, path and body",
        engine.len()
    );
    println!(
        "held: {each} bytes a mock, {} beyond its own text",
        each.saturating_sub(own)
    );
    println!(
        "by its own estimate: {} bytes a mock",
        engine.memory_bytes() / COUNT
    );
    println!(
        "at the peak of starting: {} bytes a mock",
        heap.bytes_max / COUNT as u64
    );
}
