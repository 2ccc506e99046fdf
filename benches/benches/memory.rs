//! What 100,000 mocks weigh beyond their own text, by the resident memory of this process.

use mockbird_benches::{BODY, engine, many};

const COUNT: usize = 100_000;

fn main() {
    let text = many(COUNT);
    let before = resident_bytes();
    let engine = engine(&text);
    let after = resident_bytes();
    let own = format!("GET /api/r{}/users/{{id}}{BODY}", COUNT / 2).len();
    let each = after.saturating_sub(before) / COUNT;
    println!("{} mocks", engine.len());
    println!(
        "resident: {each} bytes a mock, {} beyond its own {own} bytes of text",
        each.saturating_sub(own)
    );
    println!(
        "by its own estimate: {} bytes a mock",
        engine.memory_bytes() / COUNT
    );
}

/// From /proc, so on Linux only; 0 elsewhere.
fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages
        .as_deref()
        .and_then(|text| text.split(' ').nth(1)?.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}
