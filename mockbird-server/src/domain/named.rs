//! Enums whose variants have a name outside: one list for reading, writing and messages.

/// Defines an enum and the names of its variants from one list.
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident ($noun:literal) {
            $($(#[$doc:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $enum {
            $($(#[$doc])* $variant,)*
        }

        impl $enum {
            /// Every one of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the API and in the database.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl std::str::FromStr for $enum {
            type Err = crate::domain::Refusal;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(crate::domain::Refusal(format!(
                        "`{}` is no {}: take one of {}", text, $noun, [$(concat!("`", $name, "`")),*].join(", ")
                    ))),
                }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(super) use named;
