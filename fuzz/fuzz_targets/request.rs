#![no_main]
//! See `mockbird_fuzz::request`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| mockbird_fuzz::request(data));
