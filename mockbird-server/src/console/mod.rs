//! The only place that writes to the terminal.
//!
//! What a command says goes through a [`Console`], which hands it to a writing thread. What comes
//! from a request or a file is shown through [`Harmless`], and coloured by a [`Palette`].

mod clock;
mod escape;
pub mod paint;
mod report;
mod request_line;
mod routes;
mod writer;

pub use clock::{Clock, TimeOfDay};
pub use escape::Harmless;
pub use paint::Palette;
pub use report::{count, report, summary};
pub use request_line::{Asked, RequestLine};
pub use routes::routes;
pub use writer::{Console, Output, start};
