//! From text to an engine in one step.

use super::{Compiled, Engine};
use crate::fault::{Faults, Invalid};
use crate::json::SyntaxError;
use crate::spec::{self, Format};

/// Why a text is no spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON or YAML.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It is, but not a spec that can be used.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Engine {
    /// Reads, decodes and compiles the text of a spec.
    ///
    /// Hosts that read files besides (`bodyFile`) or keep the spec take the steps one by one:
    /// [`spec::read`], [`spec::Document::salvage`], [`Engine::compile`].
    ///
    /// # Errors
    /// The first fault of its syntax, or every fault of the spec, those of decoding and of compiling
    /// together in the order of the text.
    pub fn read(text: &str, format: Format) -> Result<Compiled, ReadError> {
        let mut document = spec::read(text, format)?;
        let (spec, mut faults) = document.salvage();
        if let Some(spec) = spec {
            match Self::compile(&spec) {
                Ok(mut compiled) if faults.errors.is_empty() => {
                    faults.warnings.append(&mut compiled.warnings);
                    compiled.warnings = faults.warnings;
                    return Ok(compiled);
                }
                Ok(_) => {}
                Err(invalid) => add(&mut faults, invalid),
            }
        }
        document.sort(&mut faults);
        match faults.into_result() {
            Err(invalid) => Err(invalid.into()),
            // No spec without a fault: decoding says what is missing.
            Ok(_) => Err(Invalid {
                faults: Vec::new(),
                unlisted: 0,
            }
            .into()),
        }
    }
}

fn add(faults: &mut Faults, invalid: Invalid) {
    for fault in invalid.faults {
        // What decoding found at a place is the cause of what compiling finds there.
        if !faults.errors.iter().any(|known| known.at == fault.at) {
            faults.errors.push(fault);
        }
    }
    faults.unlisted += invalid.unlisted;
}
