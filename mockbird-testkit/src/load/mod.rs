//! Mock files: their mocks in a test's server.

mod body_file;
mod error;
mod mount_all;

use std::ops::Index;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

use mockbird_core::fault::{Fault, Part};
use mockbird_core::spec::{self, Body, Document, Format, Spec};

pub use self::error::LoadError;
use self::error::{Placed, unreadable};
use crate::{MockHandle, MockServer, Mount};

/// The mocks of a file, in its order; made by [`MockServer::load`].
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let file = std::env::temp_dir().join(format!("mockbird-loaded-{}.json", std::process::id()));
/// # std::fs::write(&file, r#"{"name": "birds", "mocks": [
/// #     {"name": "the birds", "path": "/birds", "responses": [{"body": ["wren"]}]}]}"#).unwrap();
/// let server = MockServer::start();
/// let mocks = server.load(&file);
/// assert_eq!(mocks.len(), 1);
/// assert_eq!(mocks["the birds"].calls(), 0);
/// # std::fs::remove_file(file).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct LoadedMocks {
    mocks: Vec<(String, MockHandle)>,
}

impl LoadedMocks {
    /// The first mock of this name; one without a name is called `GET /path`.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # let file = std::env::temp_dir().join(format!("mockbird-get-{}.json", std::process::id()));
    /// # let mocks = r#"[{"name": "wren", "path": "/wren", "responses": [{}]}]"#;
    /// # std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    /// let mocks = server.load(&file);
    /// assert!(mocks.get("wren").is_some() && mocks.get("dodo").is_none());
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn get(&self, name: &str) -> Option<&MockHandle> {
        let mut mocks = self.mocks.iter();
        mocks.find(|(own, _)| own == name).map(|(_, mock)| mock)
    }

    /// The mocks, in the order of the file.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # let file = std::env::temp_dir().join(format!("mockbird-iter-{}.json", std::process::id()));
    /// # let mocks = r#"[{"name": "wren", "path": "/wren", "responses": [{}]}]"#;
    /// # std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    /// let mocks = server.load(&file);
    /// assert!(mocks.iter().all(|mock| mock.calls() == 0));
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &MockHandle> {
        self.mocks.iter().map(|(_, mock)| mock)
    }

    /// The names, in the order of the file.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # let file = std::env::temp_dir().join(format!("mockbird-names-{}.json", std::process::id()));
    /// # let mocks = r#"[{"name": "wren", "path": "/wren", "responses": [{}]}]"#;
    /// # std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    /// let mocks = server.load(&file);
    /// assert_eq!(mocks.names().collect::<Vec<_>>(), ["wren"]);
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.mocks.iter().map(|(name, _)| &**name)
    }

    /// How many there are.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # let file = std::env::temp_dir().join(format!("mockbird-len-{}.json", std::process::id()));
    /// # let mocks = r#"[{"name": "wren", "path": "/wren", "responses": [{}]}]"#;
    /// # std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    /// let mocks = server.load(&file);
    /// assert_eq!(mocks.len(), 1);
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn len(&self) -> usize {
        self.mocks.len()
    }

    /// True for a file without mocks.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # let file = std::env::temp_dir().join(format!("mockbird-empty-{}.json", std::process::id()));
    /// # let mocks = r#"[{"name": "wren", "path": "/wren", "responses": [{}]}]"#;
    /// # std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    /// let mocks = server.load(&file);
    /// assert!(!mocks.is_empty());
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn is_empty(&self) -> bool {
        self.mocks.is_empty()
    }
}

/// # Panics
/// If there is no mock of this name, with those there are.
impl Index<&str> for LoadedMocks {
    type Output = MockHandle;

    #[track_caller]
    fn index(&self, name: &str) -> &MockHandle {
        let names = || self.names().collect::<Vec<_>>().join("`, `");
        match self.get(name) {
            Some(mock) => mock,
            None => panic!("the file has no mock `{name}`, it has `{}`", names()),
        }
    }
}

/// # Panics
/// If there are not so many.
impl Index<usize> for LoadedMocks {
    type Output = MockHandle;

    #[track_caller]
    fn index(&self, place: usize) -> &MockHandle {
        &self.mocks[place].1
    }
}

impl MockServer {
    /// Mounts the mocks of a mock file, JSON or (with the feature `yaml`) YAML, as its name says.
    ///
    /// They go before the mocks mounted so far and keep their order among each other, where all else is equal. `seed` and
    /// `cors` of the file play no part: those are the server's ([`MockServer::builder`]). A relative path begins where the
    /// test runs, which is the folder of its package under `cargo test`; a `bodyFile` is read beside the mock file and
    /// never outside of its folder. Reports say of its mocks where they stand in the file.
    ///
    /// ```no_run
    /// # use mockbird_testkit::prelude::*;
    /// let server = MockServer::start();
    /// let mocks = server.load("mocks/birds.json");
    /// // ... the code under test asks for a bird ...
    /// assert_eq!(mocks["one bird"].calls(), 1);
    /// ```
    ///
    /// # Panics
    /// If the file cannot be read or has faults, naming them all with line and column; [`MockServer::try_load`] gives
    /// them as a value.
    #[track_caller]
    pub fn load(&self, file: impl AsRef<Path>) -> LoadedMocks {
        match self.try_load(file) {
            Ok(mocks) => mocks,
            Err(error) => panic!("{error}"),
        }
    }

    /// Mounts the mocks of a mock file, or says all that is wrong with it and mounts none.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// let server = MockServer::start();
    /// let error = server.try_load("no/such.json").unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read no/such.json: "));
    /// ```
    #[track_caller]
    pub fn try_load(&self, file: impl AsRef<Path>) -> Result<LoadedMocks, LoadError> {
        let (file, at) = (file.as_ref(), Location::caller());
        let text = read(file)?;
        let format = Format::of_file(file).ok_or_else(|| unreadable(file, ENDING))?;
        let mut document =
            spec::read(&text, format).map_err(|error| LoadError::syntax(file, error))?;
        let (spec, mut faults) = document.salvage();
        let mut spec = spec.unwrap_or_default();
        let folder = file.parent().unwrap_or(Path::new(""));
        spec.resolve_files(|name| body_file::read(folder, name), &mut faults);
        forget_unread(&mut spec);
        let mocks = spec
            .mocks
            .into_iter()
            .enumerate()
            .map(|(index, mock)| Mount {
                in_file: Some(line_of(index, file, &document)),
                ..Mount::from(mock)
            });
        let mocks: Vec<_> = mocks.collect();
        match self.state.mount_all(mocks, at, faults) {
            Ok(keys) => Ok(self.loaded(keys)),
            Err(mut faults) => {
                document.sort(&mut faults);
                Err(LoadError::faults(file, placed(&document, faults.errors)))
            }
        }
    }

    fn loaded(&self, keys: Vec<usize>) -> LoadedMocks {
        let named = keys.into_iter().map(|key| {
            let state = Arc::clone(&self.state);
            let name = state.mounted[key].name().to_string();
            (name, MockHandle { state, key })
        });
        LoadedMocks {
            mocks: named.collect(),
        }
    }
}

const ENDING: &str = "its name must end in .json, .yaml or .yml, so that its format is clear";

fn read(file: &Path) -> Result<String, LoadError> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, error))?;
    String::from_utf8(bytes).map_err(|_| unreadable(file, "it is not UTF-8"))
}

/// What could not be read has been said; what is compiled for its faults must have none of its own there.
fn forget_unread(spec: &mut Spec) {
    for response in spec.mocks.iter_mut().flat_map(|mock| &mut mock.responses) {
        if let Body::File(_) = response.body {
            response.body = Body::Empty;
        }
    }
}

/// `mocks/birds.json:12`
fn line_of(index: usize, file: &Path, document: &Document<'_>) -> String {
    let mock = Fault {
        at: format!("mocks[{index}]"),
        message: String::new(),
        hint: String::new(),
        part: Part::Value,
        within: None,
    };
    format!("{}:{}", file.display(), document.locate(&mock).line)
}

fn placed(document: &Document<'_>, faults: Vec<Fault>) -> Vec<Placed> {
    let place = |fault: Fault| {
        let location = document.locate(&fault);
        Placed {
            line: location.line,
            column: location.column,
            fault,
        }
    };
    faults.into_iter().map(place).collect()
}
