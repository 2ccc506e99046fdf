//! The mocks of a server as a mock file.

mod refusal;

use std::collections::BTreeSet;
use std::panic::Location;

use mockbird_core::fault::Fault;
use mockbird_core::spec::{self, Format, Mock, Spec};

pub use self::refusal::ExportError;
use self::refusal::Refusals;
use crate::mount::Plan;
use crate::mounted::{Mounted, mounted_key};
use crate::report::place;
use crate::{MockServer, Mount};

impl MockServer {
    /// The mocks of this server as the text of a mock file (JSON), which `mockbird run` answers as this server does.
    ///
    /// The mocks stand in the order in which they are asked where all else is equal: newest first. What only the test
    /// knows is left out: expected calls, orders of calls, and mocks that were removed or that their file says are not
    /// active. A mock of several methods becomes one for each. What changes answers and no file can say is refused: closures and other matchers that the
    /// engine does not know, checks, call limits, replies in sequence, of closures, in parts, behind gates or broken.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/birds").query("page", 2).json(r#"["wren"]"#));
    /// let file = server.export()?;
    /// assert!(file.contains(r#""path": "/birds""#));
    /// # Ok::<(), mockbird_testkit::ExportError>(())
    /// ```
    ///
    /// # Errors
    /// All that no file can say, mock by mock, with where each was mounted.
    pub fn export(&self) -> Result<String, ExportError> {
        let live = self.state.live();
        let keys = live.engine.mocks().map(|mock| mounted_key(mock.key()));
        // Those that are not removed, newest first.
        let keys: BTreeSet<_> = keys.collect();
        let mounted = keys.iter().rev();
        let mounted = mounted.filter_map(|key| self.state.mounted.get(*key));
        let mut refusals = Refusals::default();
        let mocks = mounted.flat_map(|mounted| exported(mounted, &mut refusals));
        let spec = Spec {
            name: "mocks of a test".to_owned(),
            mocks: mocks.collect(),
            cors: Some(live.engine.cors()),
            seed: live.engine.seed(),
            ..Spec::default()
        };
        let text = format!("{:#}\n", spec.to_node());
        if refusals.is_empty() {
            refuse_unreadable(&text, &mut refusals);
        }
        refusals.into_result().map(|()| text)
    }
}

impl Mount {
    /// The mocks of a mock file that this is: one for each method.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// let mocks = request(["PUT", "PATCH"], "/birds/{name}").status(204).to_mocks()?;
    /// assert_eq!(mocks.len(), 2);
    /// assert_eq!(mocks[0].path, "/birds/{name}");
    /// # Ok::<(), mockbird_testkit::ExportError>(())
    /// ```
    ///
    /// # Errors
    /// All that no file can say, as in [`MockServer::export`], and all that is wrong with it.
    #[track_caller]
    pub fn to_mocks(&self) -> Result<Vec<Mock>, ExportError> {
        let mut refusals = Refusals::default();
        let mocks = mocks_of(
            self,
            &self.display_name(),
            &place(Location::caller()),
            &mut refusals,
        );
        refusals.into_result().map(|()| mocks)
    }
}

fn exported(mounted: &Mounted, refusals: &mut Refusals) -> Vec<Mock> {
    mocks_of(&mounted.mount, mounted.name(), &mounted.place(), refusals)
}

fn mocks_of(mount: &Mount, name: &str, at: &str, refusals: &mut Refusals) -> Vec<Mock> {
    let plan = Plan::of(mount, &mount.display_name());
    let faults = plan.faults.iter().map(Fault::to_string);
    refusals.add(name, at, faults.collect());
    refusals.add(name, at, refusal::unspeakable(mount, &plan));
    plan.mocks
}

/// A file has bounds that a test has not, such as the length of a name.
fn refuse_unreadable(text: &str, refusals: &mut Refusals) {
    let faults = match spec::read(text, Format::Json) {
        Ok(mut document) => document.decode().1.errors,
        // What was written as JSON is JSON.
        Err(_) => return,
    };
    if !faults.is_empty() {
        refusals.add_of_file(faults.iter().map(Fault::to_string).collect());
    }
}
