#![no_main]
//! See `mockbird_fuzz::path_pattern`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| mockbird_fuzz::path_pattern(data));
