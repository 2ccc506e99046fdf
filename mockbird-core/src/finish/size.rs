//! Sizes as people read them.

use std::fmt;

/// A number of bytes, written in the largest unit of which it is a whole number.
///
/// ```
/// use mockbird_core::ByteSize;
/// assert_eq!(ByteSize(10 << 20).to_string(), "10 MiB");
/// assert_eq!(ByteSize(1000).to_string(), "1000 bytes");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub usize);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: usize = 1 << 10;
        const MIB: usize = 1 << 20;
        match self.0 {
            1 => f.write_str("1 byte"),
            n if n >= MIB && n % MIB == 0 => write!(f, "{} MiB", n / MIB),
            n if n >= KIB && n % KIB == 0 => write!(f, "{} KiB", n / KIB),
            n => write!(f, "{n} bytes"),
        }
    }
}
