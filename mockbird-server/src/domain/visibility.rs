//! Who may call the mocks of a project.

use super::named::named;

named! {
    /// Who may call the mocks of a project.
    pub enum Visibility ("visibility") {
        /// Who has a key.
        Private = "private",
        /// Everybody.
        Public = "public",
    }
}
