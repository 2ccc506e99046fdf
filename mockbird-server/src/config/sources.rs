//! Where values come from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use secrecy::SecretString;

use super::file;
use super::read::{Fault, Faults};
use super::settings;

/// The file that is read if none is named and it is there.
const DEFAULT_FILE: &str = "mockbird.toml";

/// The variable that names the file.
const FILE_VARIABLE: &str = "MOCKBIRD_CONFIG";

/// Names the API key of who asks a server; no setting of one.
const KEY_VARIABLE: &str = "MOCKBIRD_KEY";

/// The API key that the environment names.
pub fn key_of_environment() -> Option<SecretString> {
    let key = std::env::var(KEY_VARIABLE).ok();
    key.filter(|key| !key.is_empty()).map(SecretString::from)
}

/// Where a value came from, as a person finds it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The table of settings.
    Default,
    /// A key of the file.
    File(String, String),
    /// An environment variable.
    Variable(String),
    /// A flag, without its dashes.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file, key) => write!(f, "{file}: {key}"),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// Values as text, each with its source; the last one of a name wins.
#[derive(Clone, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, (Source, String)>,
    faults: Vec<Fault>,
}

/// Values may be secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.values.iter().map(|(name, (source, _))| (name, source));
        f.debug_map().entries(sources).finish()
    }
}

impl Sources {
    /// Those of this process: `flags` by name, the environment, and the file that `named` or the
    /// environment names, or `mockbird.toml` if it is there.
    pub fn of_process(named: Option<&Path>, flags: &[(String, String)]) -> Self {
        let variables: Vec<_> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let from_variable = variables.iter().find(|(name, _)| name == FILE_VARIABLE);
        let named = named.or(from_variable.map(|(_, value)| Path::new(value)));
        let mut sources = Self::default();
        match named {
            Some(path) => sources = sources.with_file(path),
            None if Path::new(DEFAULT_FILE).exists() => {
                sources = sources.with_file(Path::new(DEFAULT_FILE));
            }
            None => {}
        }
        for (name, value) in &variables {
            sources = sources.with_variable(name, value);
        }
        for (name, value) in flags {
            sources = sources.with_flag(name, value);
        }
        sources
    }

    /// Adds what a file says.
    pub fn with_file(self, path: &Path) -> Self {
        let label = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.with_file_text(&label, &text),
            Err(error) => self.with_fault(label, format!("cannot be read: {error}")),
        }
    }

    /// Adds what the text of a file says.
    pub fn with_file_text(mut self, label: &str, text: &str) -> Self {
        match file::values(text) {
            Err(error) => return self.with_fault(label.to_owned(), error),
            Ok(values) => {
                for (key, value) in values {
                    let known = settings().find(|setting| setting.name == key);
                    match (known, value) {
                        (Some(setting), Ok(value)) => {
                            let source = Source::File(label.to_owned(), key);
                            self.values.insert(setting.name, (source, value));
                        }
                        (Some(_), Err(why)) => {
                            self = self.with_fault(format!("{label}: {key}"), why);
                        }
                        (None, _) => {
                            let why = unknown(&key, settings().map(|s| s.name.to_owned()));
                            self = self.with_fault(format!("{label}: {key}"), why);
                        }
                    }
                }
            }
        }
        self
    }

    /// Adds an environment variable. One that is no setting is another program's, unless it is
    /// nearly one of ours. An empty one counts as unset.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        if let Some(setting) = settings().find(|setting| setting.variable() == name) {
            if !value.is_empty() {
                let source = Source::Variable(name.to_owned());
                self.values.insert(setting.name, (source, value.to_owned()));
            }
            return self;
        }
        let ours = name.starts_with("MOCKBIRD_") && ![FILE_VARIABLE, KEY_VARIABLE].contains(&name);
        let near = ours.then(|| nearest(name, settings().map(super::Setting::variable)));
        match near.flatten() {
            Some(near) => {
                let why = format!("is no setting (did you mean `{near}`?)");
                self.with_fault(name.to_owned(), why)
            }
            None => self,
        }
    }

    /// Adds a flag, by its name without dashes.
    pub fn with_flag(mut self, name: &str, value: &str) -> Self {
        if let Some(setting) = settings().find(|setting| setting.flag() == name) {
            let source = Source::Flag(name.to_owned());
            self.values.insert(setting.name, (source, value.to_owned()));
            return self;
        }
        let why = unknown(name, settings().map(super::Setting::flag));
        self.with_fault(format!("--{name}"), why)
    }

    fn with_fault(mut self, at: String, message: String) -> Self {
        self.faults.push(Fault { at, message });
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<(&Source, &str)> {
        let (source, value) = self.values.get(name)?;
        Some((source, value))
    }

    pub(super) fn faults(&self) -> Faults {
        Faults(self.faults.clone())
    }
}

fn unknown(name: &str, known: impl Iterator<Item = String>) -> String {
    match nearest(name, known) {
        Some(near) => format!("is no setting (did you mean `{near}`?)"),
        None => "is no setting (the reference page lists them all)".to_owned(),
    }
}

/// The known name that was probably meant.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let distances = known.map(|known| (strsim::osa_distance(name, &known), known));
    let (distance, near) = distances.min()?;
    (distance <= 2).then_some(near)
}
