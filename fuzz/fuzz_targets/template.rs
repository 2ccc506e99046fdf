#![no_main]
//! See `mockbird_fuzz::template`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| mockbird_fuzz::template(data));
