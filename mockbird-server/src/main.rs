//! The binary `mockbird`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mockbird_server::cli::main()
}
