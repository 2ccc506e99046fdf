#![no_main]
//! See `mockbird_fuzz::condition`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| mockbird_fuzz::condition(data));
