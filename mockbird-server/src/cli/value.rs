//! Values of flags, as people write them.

/// The seed of random choices.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    let wrong = |_| format!("a seed is a whole number from 0 to {}, such as 7", u64::MAX);
    text.parse().map_err(wrong)
}

/// A number of bytes: `1000`, `500KB`, `10MiB`.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        _ => None,
    };
    let bytes = digits.parse::<usize>().ok().zip(factor);
    bytes
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| {
            "a size is a whole number of bytes, or one with KB, MB, GB, KiB, MiB or GiB, such as 10MiB".into()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1000),
            ("500KB", 500_000),
            ("10 MiB", 10 << 20),
            ("2k", 2048),
            ("1gib", 1 << 30),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MB",
            "-1",
            "1.5MB",
            "10 parsecs",
            "99999999999999999999",
            "99999999999999GB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
