#![no_main]
//! See `mockbird_fuzz::spec`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| mockbird_fuzz::spec(data));
