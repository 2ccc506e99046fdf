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
                Ok(Compiled { warnings, .. }) => faults.follow(Faults {
                    warnings,
                    ..Faults::default()
                }),
                Err(invalid) => faults.follow(invalid.into()),
            }
        }
        document.sort(&mut faults);
        match faults.into_result() {
            Err(invalid) => Err(invalid.into()),
            // No spec without a fault: decoding says what is missing.
            Ok(_) => Err(Invalid {
                faults: Vec::new(),
                warnings: Vec::new(),
                unlisted: 0,
            }
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mistake_is_reported_once() {
        for (condition, want) in [
            ("{type: header, operator: equals}", 2),
            ("{type: header, field: a, operator: equals, valu: 1}", 1),
            ("{type: header, feild: a, operator: equals, value: 1}", 1),
            ("{type: body, field: '$[', operator: regex, value: '('}", 2),
            (
                "{any: [{type: path}, {type: path, operator: regex, value: '('}]}",
                2,
            ),
        ] {
            let text = format!(
                "name: n\nmocks: [{{path: /a, responses: [{{conditions: [{condition}]}}]}}]"
            );
            let Err(ReadError::Invalid(invalid)) = Engine::read(&text, Format::Yaml) else {
                panic!("{condition}")
            };
            assert_eq!(invalid.faults.len(), want, "{condition}: {invalid}");
        }
    }

    #[test]
    fn warnings_are_told_beside_errors() {
        let same = "{path: /a, responses: [{}]}";
        let warned = |broken: &str| {
            let text = format!("name: n\nmocks: [{broken}, {same}, {same}]");
            let Err(ReadError::Invalid(invalid)) = Engine::read(&text, Format::Yaml) else {
                panic!("{broken}")
            };
            let at = invalid.warnings.into_iter().map(|warning| warning.at);
            at.collect::<Vec<_>>()
        };
        // A mock of which a part is missing is no judge of the others.
        assert_eq!(
            warned("{path: /a, responses: [{conditions: 5}]}"),
            ["mocks[2]"]
        );
        assert_eq!(warned("{path: '{', responses: [{}]}"), ["mocks[2]"]);
        assert_eq!(warned("7, {path: /, responses: [{}]}"), ["mocks[3]"]);
    }
}
