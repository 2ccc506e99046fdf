//! One line of the table of settings.

/// Something an operator may set.
///
/// Its name gives the key in the file (`database.max_connections`), the flag
/// (`--database-max-connections`) and the variable (`MOCKBIRD_DATABASE_MAX_CONNECTIONS`).
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name: the key in the file, with dots between tables.
    pub name: &'static str,
    /// The variable by which the rest of the world knows it.
    pub known_as: Option<&'static str>,
    /// What a value looks like, in capitals.
    pub form: &'static str,
    /// What it is if nobody says anything; absent means that it has no value then.
    pub default: Option<&'static str>,
    /// One sentence, or two.
    pub meaning: &'static str,
}

impl Setting {
    /// A setting with a default.
    pub(super) const fn new(
        name: &'static str,
        form: &'static str,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            known_as: None,
            form,
            default: Some(default),
            meaning,
        }
    }

    /// A setting that may be left out.
    pub(super) const fn optional(
        name: &'static str,
        form: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            known_as: None,
            form,
            default: None,
            meaning,
        }
    }

    /// The same under another variable.
    pub(super) const fn known_as(mut self, variable: &'static str) -> Self {
        self.known_as = Some(variable);
        self
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// Its environment variable.
    pub fn variable(&self) -> String {
        match self.known_as {
            Some(name) => name.to_owned(),
            None => format!(
                "MOCKBIRD_{}",
                self.name.replace('.', "_").to_ascii_uppercase()
            ),
        }
    }
}
