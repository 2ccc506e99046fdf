//! Enums whose variants have a name in the spec: one table for reading, writing and messages.

/// An enum whose variants have a name in the spec.
pub(crate) trait Named: Copy + 'static {
    /// The names, in the order of the variants.
    const NAMES: &'static [&'static str];

    /// The variant of this name.
    fn from_name(name: &str) -> Option<Self>;

    /// Its position among the variants; below 32.
    fn index(self) -> usize;
}

/// Defines an enum and its [`Named`] side from one list.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $enum:ident {
            $($(#[$doc:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $enum {
            $($(#[$doc])* $variant,)*
        }

        impl $enum {
            /// Its name in a spec.
            $visibility fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl crate::spec::named::Named for $enum {
            const NAMES: &'static [&'static str] = &[$($name),*];

            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

pub(crate) use named;
